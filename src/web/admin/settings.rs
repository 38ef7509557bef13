//! A site's settings: the tag to paste, its origins, its rules. For owners.

use serde::Deserialize;
use warp::{http::StatusCode, reply::Response};

use super::OwnerSession;
use crate::{
    app::{App, Error},
    service::sites::{
        context::{self, SiteContext},
        register, rules,
    },
    view::admin::settings::{self, SettingsPage},
    web::http::{request::Incoming, response},
};

/// The query of the page: what was done just now.
#[derive(Deserialize)]
struct SettingsQuery {
    new: Option<String>,
    saved: Option<String>,
}

/// `GET /admin/{site}/settings`.
pub(super) async fn show(
    app: &App,
    request: &Incoming,
    owner: &OwnerSession<'_>,
    name: &str,
) -> Result<Response, Error> {
    let context = context::of(app, name).await?;
    let query: SettingsQuery = request.query()?;
    let said = if query.new.is_some() {
        Some("The site is registered. Paste the tag below into its pages, and comments work.")
    } else if query.saved.is_some() {
        Some("Saved.")
    } else {
        None
    };
    let values = rules::rule_values(&context.site.rules);
    Ok(page(app, owner, &context, &values, "", said, None))
}

/// The page; with an error, as the refusal of one of its forms.
fn page(
    app: &App,
    owner: &OwnerSession<'_>,
    context: &SiteContext,
    values: &[(&'static str, String)],
    origin: &str,
    said: Option<&str>,
    error: Option<&Error>,
) -> Response {
    let site = &context.site;
    let frame = owner.frame(app, context, "settings");
    let tag = register::embed_code(&app.base_url, site);
    let view = SettingsPage {
        frame: &frame,
        site,
        values,
        tag: &tag,
        origin,
        said,
        error,
    };
    let page = response::page(StatusCode::OK, &settings::page(&view));
    match error {
        Some(error) => response::form_again(error, page),
        None => page,
    }
}

/// `POST /admin/{site}/settings`: all rules at once.
pub(super) async fn set_rules(
    app: &App,
    request: &Incoming,
    owner: &OwnerSession<'_>,
    name: &str,
) -> Result<Response, Error> {
    let (form, site) = owner.form_of_site(app, request, name).await?;
    let value = |rule: &str| match rule {
        // A box that is not ticked is not sent.
        "require_name" | "require_email" | "html_folds" if form.get(rule).is_empty() => "no".to_owned(),
        // One wording a line in the form, parted by bars where it is kept.
        "heading" => form
            .get(rule)
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join("|"),
        _ => form.get(rule).to_owned(),
    };
    let changes: Vec<(&'static str, String)> = rules::rule_values(&site.rules)
        .into_iter()
        .map(|(rule, _)| (rule, value(rule)))
        .collect();
    let given = changes
        .iter()
        .map(|(rule, value)| ((*rule).to_owned(), value.clone()))
        .collect();
    match rules::set_rules(app, &owner.actor(), site.id, given).await {
        Ok(_) => Ok(response::see_other(&format!(
            "{}/admin/{name}/settings?saved=1",
            app.base_url
        ))),
        Err(error) => {
            let context = context::of(app, name).await?;
            Ok(page(app, owner, &context, &changes, "", None, Some(&error)))
        }
    }
}

/// `POST /admin/{site}/origins`: `add` or `remove`.
pub(super) async fn change_origins(
    app: &App,
    request: &Incoming,
    owner: &OwnerSession<'_>,
    name: &str,
) -> Result<Response, Error> {
    let (form, site) = owner.form_of_site(app, request, name).await?;
    let (add, remove) = (form.get("origin"), form.get("remove"));
    let changed = if remove.is_empty() {
        register::add_origin(app, &owner.actor(), site.id, add).await
    } else {
        register::remove_origin(app, &owner.actor(), site.id, remove).await
    };
    match changed {
        Ok(()) => Ok(response::see_other(&format!(
            "{}/admin/{name}/settings?saved=1#origins",
            app.base_url
        ))),
        Err(error) => {
            let context = context::of(app, name).await?;
            let rules = rules::rule_values(&context.site.rules);
            Ok(page(app, owner, &context, &rules, add, None, Some(&error)))
        }
    }
}
