//! The settings of a site: embed code, origins, rules.

use maud::{Markup, html};

use super::{AdminFrame, notice};
use crate::{
    app::Error,
    model::site::Site,
    view::{
        error_message::LocalizedError,
        form_field::{self, Field, field},
    },
};

/// The content of the page.
pub struct SettingsPage<'a> {
    /// The frame.
    pub frame: &'a AdminFrame,
    /// The site.
    pub site: &'a Site,
    /// The values of the rules by name, as shown in the form.
    pub values: &'a [(&'static str, String)],
    /// The embed code.
    pub tag: &'a str,
    /// Value of the field for another origin.
    pub origin: &'a str,
    /// Result of the last action.
    pub said: Option<&'a str>,
    /// Error of the submitted form.
    pub error: Option<&'a Error>,
}

/// The page.
#[must_use]
pub fn page(view: &SettingsPage<'_>) -> Markup {
    let title = format!("Settings of {}", view.site.name.as_str());
    let message = view.error.map(LocalizedError::to_staff);
    let main = html! {
        h1 { (title) }
        (notice(view.said))
        (form_field::summary(message.as_ref(), &["origin"], "Not saved."))
        section aria-labelledby="tag-heading" {
            h2 #tag-heading { "Embed code" }
            p { "Paste this where the comments should appear." }
            div.copy {
                pre #tag { code { (view.tag) } }
                button type="button" hidden data-copy="tag" { "Copy" }
            }
        }
        (origins(view))
        (rules(view))
    };
    view.frame.page(&title, &main)
}

fn origins(view: &SettingsPage<'_>) -> Markup {
    let action = view.frame.of_site("origins");
    html! {
        section #origins aria-labelledby="origins-heading" {
            h2 #origins-heading { "Origins" }
            p { "Comments work on pages of these addresses and nowhere else." }
            ul.origins role="list" {
                @for origin in &view.site.origins {
                    li {
                        bdi dir="ltr" { (origin.as_str()) }
                        @if view.site.origins.len() > 1 {
                            form action=(action) method="post" {
                                (view.frame.token())
                                button.link name="remove" value=(origin.as_str()) { "Remove" span.vh { " " (origin.as_str()) } }
                            }
                        }
                    }
                }
            }
            form.inline action=(action) method="post" novalidate {
                (view.frame.token())
                (field(Field { name: "origin", label: "Another origin", value: view.origin, kind: "url", hint: "Like https://www.blog.example, without a path.", required: true, ..Field::default() }, view.error.map(LocalizedError::to_staff).as_ref()))
                button { "Add" }
            }
        }
    }
}

fn rules(view: &SettingsPage<'_>) -> Markup {
    let value = |name: &str| {
        view.values
            .iter()
            .find(|(known, _)| *known == name)
            .map_or("", |(_, value)| value.as_str())
    };
    let message = view.error.map(LocalizedError::to_staff);
    let lines = value("heading").replace('|', "\n");
    html! {
        section aria-labelledby="rules-heading" {
            h2 #rules-heading { "Rules" }
            form.rules action=(view.frame.of_site("settings")) method="post" novalidate {
                (view.frame.token())
                (choice("moderation", "Which comments wait for you", value("moderation"), &[
                    ("none", "None: all appear at once"),
                    ("first", "The first one of each author"),
                    ("all", "All"),
                ]))
                fieldset {
                    legend { "What a comment needs" }
                    (tick("require_name", "A name", value("require_name")))
                    (tick("require_email", "An e-mail address, never shown to readers", value("require_email")))
                }
                (choice("votes", "Votes", value("votes"), &[("both", "Up and down"), ("up", "Up only"), ("off", "None")]))
                (choice("sort", "What readers see first", value("sort"), &[("oldest", "The oldest"), ("newest", "The newest"), ("best", "The best by votes")]))
                div.who {
                    (field(Field { name: "edit_window", label: "Time to edit", value: value("edit_window"), kind: "number", hint: "Seconds in which authors may change and delete their comments.", ..Field::default() }, message.as_ref()))
                    (field(Field { name: "max_text", label: "Longest comment", value: value("max_text"), kind: "number", hint: "Characters, 1 to 20000.", ..Field::default() }, message.as_ref()))
                    (field(Field { name: "close_after", label: "Close threads after", value: value("close_after"), kind: "number", hint: "Days; 0 never does.", ..Field::default() }, message.as_ref()))
                }
                (field(Field { name: "heading", label: "Heading of threads", value: &lines, kind: "area", hint: HEADING, ..Field::default() }, message.as_ref()))
                fieldset {
                    legend { "Addresses of pages" }
                    (tick("html_folds", "/tea.html and /tea are one page", value("html_folds")))
                    p.hint { "When this is switched on, threads that both addresses have become one for good." }
                }
                div.buttons { button.primary { "Save" } }
            }
        }
    }
}

const HEADING: &str = "Empty: in the reader's language. Else one wording a line, by plural form: one=One thought on “{title}” and other={count} thoughts on “{title}”.";

fn choice(name: &str, label: &str, value: &str, choices: &[(&str, &str)]) -> Markup {
    html! {
        fieldset {
            legend { (label) }
            @for (word, meaning) in choices {
                label.pick { input type="radio" name=(name) value=(word) checked[*word == value]; span { (meaning) } }
            }
        }
    }
}

fn tick(name: &str, label: &str, value: &str) -> Markup {
    html! { label.pick { input type="checkbox" name=(name) value="yes" checked[value == "yes"]; span { (label) } } }
}
