//! Registering sites. For owners.

use warp::{http::StatusCode, reply::Response};

use super::OwnerSession;
use crate::{
    app::{App, Error},
    service::sites::{context, register},
    view::admin::sites as pages,
    web::http::{request::Incoming, response},
};

/// `GET /admin/sites`.
pub(super) async fn list(app: &App, owner: &OwnerSession<'_>) -> Result<Response, Error> {
    let all = context::registered(app).await?;
    let frame = owner.frame_of_none(app, &all, "sites");
    Ok(response::page(
        StatusCode::OK,
        &pages::list(&frame, &all, "", "", None),
    ))
}

/// `POST /admin/sites`: then the site's settings, where the tag to paste stands.
pub(super) async fn register(
    app: &App,
    request: &Incoming,
    owner: &OwnerSession<'_>,
) -> Result<Response, Error> {
    let form = owner.form(app, request)?;
    let (name, origins) = (form.get("name").trim(), form.get("origin"));
    let list: Vec<String> = origins.split_whitespace().map(str::to_owned).collect();
    match register::register(app, &owner.actor(), name, &list).await {
        Ok(site) => Ok(response::see_other(&format!(
            "{}/admin/{}/settings?new=1",
            app.base_url,
            site.name.as_str()
        ))),
        Err(mut error) => {
            // The rule about names calls its field `site`; this form's is `name`.
            error.field = if error.field == Some("site") {
                Some("name")
            } else {
                error.field
            };
            let all = context::registered(app).await?;
            let frame = owner.frame_of_none(app, &all, "sites");
            let page = pages::list(&frame, &all, name, origins, Some(&error));
            Ok(response::form_again(
                &error,
                response::page(StatusCode::OK, &page),
            ))
        }
    }
}
