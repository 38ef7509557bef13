//! A site's settings: its embed code, its origins, its rules. For owners.

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

/// The query of the page: the notice to show.
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

/// The page; with an error, the response to a refused form.
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

/// The form with the rules of a site.
#[derive(Deserialize)]
struct RulesForm {
    moderation: String,
    require_name: String,
    require_email: String,
    votes: String,
    sort: String,
    edit_window: String,
    max_text: String,
    close_after: String,
    heading: String,
    html_folds: String,
}

impl RulesForm {
    /// The rules by name, as [`rules::set_rules`] takes them.
    fn into_changes(self) -> Vec<(&'static str, String)> {
        // A checkbox without a tick is not sent.
        let ticked = |value: String| if value.is_empty() { "no".to_owned() } else { value };
        // The form has one wording per line, the rule separates them by bars.
        let wordings: Vec<&str> = self
            .heading
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        vec![
            ("moderation", self.moderation),
            ("require_name", ticked(self.require_name)),
            ("require_email", ticked(self.require_email)),
            ("votes", self.votes),
            ("sort", self.sort),
            ("edit_window", self.edit_window),
            ("max_text", self.max_text),
            ("close_after", self.close_after),
            ("heading", wordings.join("|")),
            ("html_folds", ticked(self.html_folds)),
        ]
    }
}

/// `POST /admin/{site}/settings`: changes all rules together.
pub(super) async fn set_rules(
    app: &App,
    request: &Incoming,
    owner: &OwnerSession<'_>,
    name: &str,
) -> Result<Response, Error> {
    let (form, site) = owner.form_of_site::<RulesForm>(app, request, name).await?;
    let changes = form.into_changes();
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

/// The form that adds an origin to a site, or removes one.
#[derive(Deserialize)]
struct OriginForm {
    /// The origin to add.
    origin: String,
    /// The origin to remove; empty: none, one is added.
    remove: String,
}

/// `POST /admin/{site}/origins`.
pub(super) async fn change_origins(
    app: &App,
    request: &Incoming,
    owner: &OwnerSession<'_>,
    name: &str,
) -> Result<Response, Error> {
    let (form, site) = owner.form_of_site::<OriginForm>(app, request, name).await?;
    let (add, remove) = (form.origin.as_str(), form.remove.as_str());
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::site::Rules;

    #[test]
    fn the_form_has_each_rule_of_a_site() {
        let text = String::new;
        let form = RulesForm {
            moderation: text(),
            require_name: text(),
            require_email: "yes".to_owned(),
            votes: text(),
            sort: text(),
            edit_window: text(),
            max_text: text(),
            close_after: text(),
            heading: " One \r\n\r\nTwo".to_owned(),
            html_folds: text(),
        };
        let changes = form.into_changes();
        let names =
            |values: &[(&'static str, String)]| values.iter().map(|(name, _)| *name).collect::<Vec<_>>();
        assert_eq!(names(&changes), names(&rules::rule_values(&Rules::default())));
        let value = |name| &changes.iter().find(|(rule, _)| *rule == name).unwrap().1;
        assert_eq!(value("require_name"), "no");
        assert_eq!(value("require_email"), "yes");
        assert_eq!(value("heading"), "One|Two");
    }
}
