//! The thread pages: reading a thread and posting without JavaScript.
//!
//! One cookie, set when a form is first shown, has a random secret that proves which comments are the reader's own. Forms
//! are checked by [`crate::web::http::form`]. A success redirects, a refusal shows the form again with all that was typed.
//! The rules are in [`crate::service`].

mod forms;
mod lookup;
mod notice;
mod reader_cookie;
mod show;

use warp::reply::Response;

use crate::{
    app::{App, Error, ErrorKind},
    web::{
        http::request::Incoming,
        route::{PageForm, PageRoute},
    },
};

/// Answers `/thread/…`.
pub(super) async fn handle(app: App, route: Option<PageRoute>, request: Incoming) -> Result<Response, Error> {
    let app = &app;
    request.count(app)?;
    let route = route.ok_or(ErrorKind::NotFound)?;
    if let Some(refusal) = request.refuse_method(route.methods(), app) {
        return Ok(refusal);
    }
    let site = route.site.as_str();
    match route.form {
        None => show::show(app, &request, site).await,
        Some(PageForm::Post) => forms::post(app, &request, site).await,
        Some(PageForm::Edit) => forms::edit(app, &request, site).await,
        Some(PageForm::Delete) => forms::delete(app, &request, site).await,
        Some(PageForm::Vote) => forms::vote(app, &request, site).await,
    }
}
