//! The admin pages. Every button is a form that works without JavaScript; `assets/admin.js` adds keyboard shortcuts.
//!
//! [`AdminFrame`] is the frame of all of them; [`crate::view::admin::moderation::queue`] is the most used page.

mod comment_diff;
pub mod log;
pub mod moderation;
pub mod settings;
pub mod sign_in;
pub mod sites;
pub mod threads;

use maud::{Markup, html};

use super::layout::{self, Head};
use crate::view::form_field::TOKEN;

/// The frame of an admin page: navigation, account, sites.
#[derive(Clone, Debug)]
pub struct AdminFrame {
    /// The comment origin.
    pub base_url: String,
    /// Name of the signed-in account.
    pub account: String,
    /// True if the account is an owner, who sees more.
    pub is_owner: bool,
    /// The CSRF token of forms.
    pub form_token: String,
    /// The current site.
    pub site: Option<String>,
    /// Names of all sites.
    pub sites: Vec<String>,
    /// The current section: `comments`, `threads`, `log`, `settings`, `sites`.
    pub here: &'static str,
}

impl AdminFrame {
    /// The URL of a page of the current site.
    #[must_use]
    pub fn of_site(&self, rest: &str) -> String {
        format!(
            "{}/admin/{}/{rest}",
            self.base_url,
            self.site.as_deref().unwrap_or_default()
        )
    }

    /// The hidden field with the CSRF token.
    #[must_use]
    pub fn token(&self) -> Markup {
        html! { input type="hidden" name=(TOKEN) value=(self.form_token); }
    }

    /// The document with this title and main content.
    #[must_use]
    pub fn page(&self, title: &str, main: &Markup) -> Markup {
        let head = Head {
            title,
            private: true,
            script: true,
            kind: "admin",
            ..Head::default()
        };
        layout::page(&self.base_url, &head, &self.navigation(), main)
    }

    fn navigation(&self) -> Markup {
        let parts = [
            ("comments", "Comments", false),
            ("threads", "Threads", false),
            ("log", "Log", false),
            ("settings", "Settings", true),
        ];
        html! {
            header.bar {
                div.bar-in {
                    a.brand href={ (self.base_url) "/admin" } { "Afterword" }
                    @if let Some(site) = &self.site {
                        nav.switch aria-label="Sites" {
                            @if self.sites.len() > 1 {
                                details {
                                    summary { (site) }
                                    ul role="list" {
                                        @for other in &self.sites {
                                            @let current = (other == site).then_some("true");
                                            li { a href={ (self.base_url) "/admin/" (other) "/comments" } aria-current=[current] { (other) } }
                                        }
                                    }
                                }
                            } @else { span { (site) } }
                        }
                        nav.parts aria-label="Admin pages" {
                            ul role="list" {
                                @for (part, label, owners) in parts {
                                    @if self.is_owner || !owners {
                                        @let current = (part == self.here).then_some("page");
                                        li { a href=(self.of_site(part)) aria-current=[current] { (label) } }
                                    }
                                }
                            }
                        }
                    }
                    nav.who-nav aria-label="You" {
                        @if self.is_owner {
                            @let current = (self.here == "sites").then_some("page");
                            a href={ (self.base_url) "/admin/sites" } aria-current=[current] { "Sites" }
                        }
                        form action={ (self.base_url) "/admin/logout" } method="post" {
                            (self.token())
                            button.link { "Sign out" span.vh { ", " (self.account) } }
                        }
                    }
                }
            }
        }
    }
}

/// A notice about the result of the last action.
#[must_use]
pub fn notice(text: Option<&str>) -> Markup {
    html! { @if let Some(text) = text { p.notice.good role="status" { (text) } } }
}
