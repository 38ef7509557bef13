//! The list of all sites, and the form that registers one.

use maud::{Markup, html};

use super::AdminFrame;
use crate::{
    app::Error,
    model::site::Site,
    view::{
        error_message::LocalizedError,
        form_field::{self, Field, field},
        time,
    },
};

/// The page.
#[must_use]
pub fn list(frame: &AdminFrame, sites: &[Site], name: &str, origins: &str, error: Option<&Error>) -> Markup {
    let title = if sites.is_empty() {
        "Register your site"
    } else {
        "Sites"
    };
    let message = error.map(LocalizedError::to_staff);
    let main = html! {
        h1 { (title) }
        @if sites.is_empty() { p.lead { "One minute: give your site a name, say where its pages live, paste a short tag into them." } }
        @else {
            ul.sites role="list" {
                @for site in sites {
                    @let at = format!("{}/admin/{}", frame.base_url, site.name.as_str());
                    li {
                        h2 { a href={ (at) "/comments" } { (site.name.as_str()) } }
                        p { @for (n, origin) in site.origins.iter().enumerate() { @if n > 0 { ", " } bdi dir="ltr" { (origin.as_str()) } } }
                        p.quiet { "Since " (time::day(site.created_at)) " · " a href={ (at) "/settings" } { "Settings and tag" span.vh { " of " (site.name.as_str()) } } }
                    }
                }
            }
            h2 { "Register another one" }
        }
        form.narrow action={ (frame.base_url) "/admin/sites" } method="post" novalidate {
            (form_field::summary(message.as_ref(), &["name", "origin"], "Not registered."))
            (frame.token())
            (field(Field { name: "name", label: "Name", value: name, hint: "Small letters, digits and hyphens. It stands in addresses and does not change later.", required: true, ..Field::default() }, message.as_ref()))
            (field(Field { name: "origin", label: "Origins", value: origins, kind: "area", hint: ORIGINS, required: true, ..Field::default() }, message.as_ref()))
            div.buttons { button.primary { "Register" } }
        }
    };
    frame.page(title, &main)
}

const ORIGINS: &str = "Where its pages live, one a line, like https://blog.example. Add the address that you test with, like http://localhost:1313, or do so later.";
