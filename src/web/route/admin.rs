//! The paths of the admin pages, below `/admin`.

use super::methods::Methods;

/// An admin page, or the action of one of its forms. Ids and tokens are not validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdminRoute {
    /// `/admin`
    First,
    /// `/admin/login`
    Login,
    /// `/admin/setup/{token}`
    Setup(String),
    /// `/admin/logout`
    Logout,
    /// `/admin/sites`
    Sites,
    /// `/admin/{site}/comments`
    Comments {
        /// The site's name.
        site: String,
    },
    /// `/admin/{site}/comments/{id}/status`
    CommentStatus {
        /// The site's name.
        site: String,
        /// The comment's id.
        id: String,
    },
    /// `/admin/{site}/comments/{id}/votes`
    CommentVotes {
        /// The site's name.
        site: String,
        /// The comment's id.
        id: String,
    },
    /// `/admin/{site}/comments/{id}/edit`
    CommentEdit {
        /// The site's name.
        site: String,
        /// The comment's id.
        id: String,
    },
    /// `/admin/{site}/threads`
    Threads {
        /// The site's name.
        site: String,
    },
    /// `/admin/{site}/threads/{id}/{form}`
    ThreadForm {
        /// The site's name.
        site: String,
        /// The thread's id.
        id: String,
        /// The form.
        form: AdminThreadForm,
    },
    /// `/admin/{site}/log`
    Log {
        /// The site's name.
        site: String,
    },
    /// `/admin/{site}/settings`
    Settings {
        /// The site's name.
        site: String,
    },
    /// `/admin/{site}/origins`
    Origins {
        /// The site's name.
        site: String,
    },
}

/// A form about a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdminThreadForm {
    /// `closed`
    Closed,
    /// `alias`
    Alias,
    /// `page`
    Page,
    /// `move`
    Move,
    /// `merge`
    Merge,
}

impl AdminRoute {
    pub(super) fn parse(segments: &[&str]) -> Option<Self> {
        let rest = segments.get(1..)?;
        Some(match rest {
            [] | [""] => Self::First,
            ["login"] => Self::Login,
            ["setup", token] => Self::Setup((*token).to_owned()),
            ["logout"] => Self::Logout,
            ["sites"] => Self::Sites,
            [site, rest @ ..] => Self::of_site((*site).to_owned(), rest)?,
        })
    }

    fn of_site(site: String, rest: &[&str]) -> Option<Self> {
        Some(match rest {
            ["comments"] => Self::Comments { site },
            ["comments", id, form] => {
                let id = (*id).to_owned();
                match *form {
                    "status" => Self::CommentStatus { site, id },
                    "votes" => Self::CommentVotes { site, id },
                    "edit" => Self::CommentEdit { site, id },
                    _ => return None,
                }
            }
            ["threads"] => Self::Threads { site },
            ["threads", id, form] => Self::ThreadForm {
                site,
                id: (*id).to_owned(),
                form: match *form {
                    "closed" => AdminThreadForm::Closed,
                    "alias" => AdminThreadForm::Alias,
                    "page" => AdminThreadForm::Page,
                    "move" => AdminThreadForm::Move,
                    "merge" => AdminThreadForm::Merge,
                    _ => return None,
                },
            },
            ["log"] => Self::Log { site },
            ["settings"] => Self::Settings { site },
            ["origins"] => Self::Origins { site },
            _ => return None,
        })
    }

    /// The allowed methods.
    #[must_use]
    pub fn methods(&self) -> Methods {
        match self {
            Self::First | Self::Comments { .. } | Self::Threads { .. } | Self::Log { .. } => Methods::READ,
            Self::Login | Self::Setup(_) | Self::Sites | Self::Settings { .. } | Self::CommentEdit { .. } => {
                Methods::READ_AND_POST
            }
            Self::Logout
            | Self::Origins { .. }
            | Self::CommentStatus { .. }
            | Self::CommentVotes { .. }
            | Self::ThreadForm { .. } => Methods::POST,
        }
    }
}
