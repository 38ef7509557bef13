//! The admin pages: the queue, threads, the log, sites and their settings.
//!
//! They require a session cookie, and every form is checked by [`crate::web::http::form`]. A handler for moderators takes a
//! [`ModeratorSession`], one for owners an [`OwnerSession`]. These values exist only after the check, so no handler can
//! omit it.

mod moderation;
mod session;
mod settings;
mod sign_in;
mod sites;
mod threads;

use warp::{http::Method, reply::Response};

pub use session::{ModeratorSession, OwnerSession};

use crate::{
    app::{App, Error},
    web::{
        admin::moderation::{edit, queue},
        http::request::Incoming,
        route::{AdminRoute, AdminThreadForm},
    },
};

/// Answers `/admin/…`.
pub(super) async fn handle(
    app: App,
    route: Option<AdminRoute>,
    request: Incoming,
) -> Result<Response, Error> {
    let app = &app;
    request.count(app)?;
    let allowed = route.as_ref().map(AdminRoute::methods);
    // The pages without a session.
    match (request.verb(), &route) {
        (&Method::GET, Some(AdminRoute::Login)) => return sign_in::login_page(app, &request).await,
        (&Method::POST, Some(AdminRoute::Login)) => return sign_in::login(app, &request).await,
        (&Method::GET, Some(AdminRoute::Setup(token))) => return sign_in::setup_page(app, token).await,
        (&Method::POST, Some(AdminRoute::Setup(token))) => {
            return sign_in::setup(app, &request, token).await;
        }
        (_, Some(AdminRoute::Login | AdminRoute::Setup(_))) => return request.refuse(allowed, app),
        _ => (),
    }
    let Some(signed) = ModeratorSession::of(app, &request).await? else {
        return sign_in::require_sign_in(app, &request).await;
    };
    let Some(route) = route else {
        return request.refuse(allowed, app);
    };
    match (request.verb(), route) {
        (&Method::GET, AdminRoute::First) => queue::first(app, &signed).await,
        (&Method::POST, AdminRoute::Logout) => sign_in::logout(app, &request, &signed).await,
        (&Method::GET, AdminRoute::Sites) => sites::list(app, &signed.owner()?).await,
        (&Method::POST, AdminRoute::Sites) => sites::register(app, &request, &signed.owner()?).await,

        (&Method::GET, AdminRoute::Comments { site }) => queue::show(app, &request, &signed, &site).await,
        (&Method::POST, AdminRoute::CommentStatus { site, id }) => {
            queue::decide(app, &request, &signed, &site, &id).await
        }
        (&Method::POST, AdminRoute::CommentVotes { site, id }) => {
            queue::discard_votes(app, &request, &signed, &site, &id).await
        }
        (&Method::GET, AdminRoute::CommentEdit { site, id }) => edit::page(app, &signed, &site, &id).await,
        (&Method::POST, AdminRoute::CommentEdit { site, id }) => {
            edit::save(app, &request, &signed, &site, &id).await
        }

        (&Method::GET, AdminRoute::Threads { site }) => threads::list(app, &request, &signed, &site).await,
        (&Method::POST, AdminRoute::ThreadForm { site, id, form }) => match form {
            AdminThreadForm::Closed => threads::set_closed(app, &request, &signed, &site, &id).await,
            AdminThreadForm::Alias => threads::add_alias(app, &request, &signed.owner()?, &site, &id).await,
            AdminThreadForm::Page => threads::edit_page(app, &request, &signed.owner()?, &site, &id).await,
            AdminThreadForm::Move => threads::move_page(app, &request, &signed.owner()?, &site, &id).await,
            AdminThreadForm::Merge => threads::merge(app, &request, &signed.owner()?, &site, &id).await,
        },
        (&Method::GET, AdminRoute::Log { site }) => threads::log(app, &signed, &site).await,

        (&Method::GET, AdminRoute::Settings { site }) => {
            settings::show(app, &request, &signed.owner()?, &site).await
        }
        (&Method::POST, AdminRoute::Settings { site }) => {
            settings::set_rules(app, &request, &signed.owner()?, &site).await
        }
        (&Method::POST, AdminRoute::Origins { site }) => {
            settings::change_origins(app, &request, &signed.owner()?, &site).await
        }
        _ => request.refuse(allowed, app),
    }
}
