//! The paths of the API, below `/api/v1/sites/{site}`.

use super::methods::Methods;

/// The paths, with `:` before a variable segment, and their allowed methods. `docs/api.md` lists the same.
pub const API_ROUTES: &[(&str, &str)] = &[
    ("/api/v1/sites/:site/thread", "GET, HEAD"),
    ("/api/v1/sites/:site/comments/:id", "GET, HEAD, PATCH, DELETE"),
    ("/api/v1/sites/:site/comments/:id/replies", "GET, HEAD"),
    ("/api/v1/sites/:site/fragment", "GET, HEAD"),
    ("/api/v1/sites/:site/threads", "GET, HEAD"),
    ("/api/v1/sites/:site/counts", "GET, HEAD"),
    ("/api/v1/sites/:site/recent", "GET, HEAD"),
    ("/api/v1/sites/:site/live", "GET, HEAD"),
    ("/api/v1/sites/:site/comments", "POST"),
    ("/api/v1/sites/:site/comments/:id/vote", "PUT"),
    ("/api/v1/sites/:site/preview", "POST"),
    ("/api/v1/sites/:site/own", "POST"),
];

/// A path of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiRoute {
    /// The site's name.
    pub site: String,
    /// The endpoint.
    pub endpoint: ApiEndpoint,
}

/// An endpoint below a site. Ids are not validated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiEndpoint {
    /// `thread`
    Thread,
    /// `comments`
    Comments,
    /// `comments/{id}`
    Comment(String),
    /// `comments/{id}/replies`
    Replies(String),
    /// `comments/{id}/vote`
    Vote(String),
    /// `fragment`
    Fragment,
    /// `threads`
    Threads,
    /// `counts`
    Counts,
    /// `recent`
    Recent,
    /// `live`
    Live,
    /// `preview`
    Preview,
    /// `own`
    Own,
}

impl ApiRoute {
    pub(super) fn parse(segments: &[&str]) -> Option<Self> {
        let ["api", "v1", "sites", site, rest @ ..] = segments else {
            return None;
        };
        let endpoint = match rest {
            ["thread"] => ApiEndpoint::Thread,
            ["comments"] => ApiEndpoint::Comments,
            ["comments", id] => ApiEndpoint::Comment((*id).to_owned()),
            ["comments", id, "replies"] => ApiEndpoint::Replies((*id).to_owned()),
            ["comments", id, "vote"] => ApiEndpoint::Vote((*id).to_owned()),
            ["fragment"] => ApiEndpoint::Fragment,
            ["threads"] => ApiEndpoint::Threads,
            ["counts"] => ApiEndpoint::Counts,
            ["recent"] => ApiEndpoint::Recent,
            ["live"] => ApiEndpoint::Live,
            ["preview"] => ApiEndpoint::Preview,
            ["own"] => ApiEndpoint::Own,
            _ => return None,
        };
        Some(Self {
            site: (*site).to_owned(),
            endpoint,
        })
    }
}

impl ApiEndpoint {
    /// The allowed methods.
    #[must_use]
    pub fn methods(&self) -> Methods {
        match self {
            Self::Comment(_) => Methods("GET, HEAD, PATCH, DELETE"),
            Self::Vote(_) => Methods("PUT"),
            Self::Comments | Self::Preview | Self::Own => Methods::POST,
            Self::Thread
            | Self::Replies(_)
            | Self::Fragment
            | Self::Threads
            | Self::Counts
            | Self::Recent
            | Self::Live => Methods::READ,
        }
    }
}
