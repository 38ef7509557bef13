//! The list of sites, and their registration. For owners.

use serde::Deserialize;
use warp::{http::StatusCode, reply::Response};

use super::OwnerSession;
use crate::{
    app::{App, Error},
    service::sites::{context, register},
    view::admin::sites as pages,
    web::http::{request::Incoming, response},
};

/// `GET /admin/sites`: the list and the form.
pub(super) async fn list(app: &App, owner: &OwnerSession<'_>) -> Result<Response, Error> {
    let all = context::registered(app).await?;
    let frame = owner.frame_without_site(app, &all, "sites");
    Ok(response::page(
        StatusCode::OK,
        &pages::list(&frame, &all, "", "", None),
    ))
}

/// The form that registers a site.
#[derive(Deserialize)]
struct RegisterForm {
    name: String,
    /// Origins, separated by white space.
    origin: String,
}

/// `POST /admin/sites`: registers a site, and redirects to its settings, which show the embed code.
pub(super) async fn register(
    app: &App,
    request: &Incoming,
    owner: &OwnerSession<'_>,
) -> Result<Response, Error> {
    let form: RegisterForm = owner.form(app, request)?;
    let (name, origins) = (form.name.trim(), form.origin.as_str());
    let list: Vec<String> = origins.split_whitespace().map(str::to_owned).collect();
    match register::register(app, &owner.actor(), name, &list).await {
        Ok(site) => Ok(response::see_other(&format!(
            "{}/admin/{}/settings?new=1",
            app.base_url,
            site.name.as_str()
        ))),
        Err(mut error) => {
            // The field of the rule for names is `site`; in this form it is `name`.
            error.field = if error.field == Some("site") {
                Some("name")
            } else {
                error.field
            };
            let all = context::registered(app).await?;
            let frame = owner.frame_without_site(app, &all, "sites");
            let page = pages::list(&frame, &all, name, origins, Some(&error));
            Ok(response::form_again(
                &error,
                response::page(StatusCode::OK, &page),
            ))
        }
    }
}
