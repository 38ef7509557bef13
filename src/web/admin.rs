//! The admin pages: the queue, threads, the log, sites and their settings.
//!
//! Behind a session cookie; every form is proved by [`crate::web::http::form`]. A handler that only moderators may
//! reach takes a [`ModeratorSession`], one for owners an [`OwnerSession`]: nobody else can make them, so no handler can
//! forget to ask.

mod moderation;
mod session;
mod settings;
mod sign_in;
mod sites;
mod threads;

use warp::{http::Method, reply::Response};

pub use session::{ModeratorSession, OwnerSession};

use crate::{
    app::{Error, ErrorKind},
    web::{
        admin::moderation::{edit, queue},
        http::{
            request::Incoming,
            response::{self, Audience},
        },
    },
};

/// Answers `/admin/…`.
pub async fn handle(request: Incoming) -> Result<Response, Error> {
    request.count()?;
    let path = request.path();
    let base_url = &request.app.base_url;
    let method = if request.method == Method::HEAD {
        &Method::GET
    } else {
        &request.method
    };
    // The doors, for those who are not signed in.
    match (method, path.as_slice()) {
        (&Method::GET, ["admin", "login"]) => return sign_in::login_page(&request).await,
        (&Method::POST, ["admin", "login"]) => return sign_in::login(&request).await,
        (&Method::GET, ["admin", "setup", token]) => return sign_in::setup_page(&request, token).await,
        (&Method::POST, ["admin", "setup", token]) => return sign_in::setup(&request, token).await,
        (_, ["admin", "login"] | ["admin", "setup", _]) => {
            return Ok(response::method_not_allowed(
                "GET, HEAD, POST",
                Audience::Page,
                base_url,
            ));
        }
        _ => (),
    }
    let Some(signed) = ModeratorSession::of(&request).await? else {
        return sign_in::closed(&request, method).await;
    };
    match (method, path.as_slice()) {
        (&Method::GET, ["admin"] | ["admin", ""]) => queue::first(&request, &signed).await,
        (&Method::POST, ["admin", "logout"]) => sign_in::logout(&request, &signed).await,
        (&Method::GET, ["admin", "sites"]) => sites::list(&request, &signed.owner()?).await,
        (&Method::POST, ["admin", "sites"]) => sites::register(&request, &signed.owner()?).await,

        (&Method::GET, ["admin", site, "comments"]) => queue::show(&request, &signed, site).await,
        (&Method::POST, ["admin", site, "comments", id, "status"]) => {
            queue::decide(&request, &signed, site, id).await
        }
        (&Method::POST, ["admin", site, "comments", id, "votes"]) => {
            queue::discard_votes(&request, &signed, site, id).await
        }
        (&Method::GET, ["admin", site, "comments", id, "edit"]) => {
            edit::page(&request, &signed, site, id).await
        }
        (&Method::POST, ["admin", site, "comments", id, "edit"]) => {
            edit::save(&request, &signed, site, id).await
        }

        (&Method::GET, ["admin", site, "threads"]) => threads::list(&request, &signed, site).await,
        (&Method::POST, ["admin", site, "threads", id, "closed"]) => {
            threads::set_closed(&request, &signed, site, id).await
        }
        (&Method::POST, ["admin", site, "threads", id, "alias"]) => {
            threads::add_alias(&request, &signed.owner()?, site, id).await
        }
        (&Method::POST, ["admin", site, "threads", id, "page"]) => {
            threads::edit_page(&request, &signed.owner()?, site, id).await
        }
        (&Method::POST, ["admin", site, "threads", id, "move"]) => {
            threads::move_page(&request, &signed.owner()?, site, id).await
        }
        (&Method::POST, ["admin", site, "threads", id, "merge"]) => {
            threads::merge(&request, &signed.owner()?, site, id).await
        }
        (&Method::GET, ["admin", site, "log"]) => threads::log(&request, &signed, site).await,

        (&Method::GET, ["admin", site, "settings"]) => settings::show(&request, &signed.owner()?, site).await,
        (&Method::POST, ["admin", site, "settings"]) => {
            settings::set_rules(&request, &signed.owner()?, site).await
        }
        (&Method::POST, ["admin", site, "origins"]) => {
            settings::change_origins(&request, &signed.owner()?, site).await
        }

        (_, ["admin"] | ["admin", _, "comments" | "threads" | "log"]) => Ok(response::method_not_allowed(
            "GET, HEAD",
            Audience::Page,
            base_url,
        )),
        (_, ["admin", "sites"] | ["admin", _, "settings"] | ["admin", _, "comments", _, "edit"]) => Ok(
            response::method_not_allowed("GET, HEAD, POST", Audience::Page, base_url),
        ),
        (
            _,
            ["admin", "logout"]
            | ["admin", _, "origins"]
            | ["admin", _, "comments", _, "status" | "votes"]
            | [
                "admin",
                _,
                "threads",
                _,
                "closed" | "alias" | "page" | "move" | "merge",
            ],
        ) => Ok(response::method_not_allowed("POST", Audience::Page, base_url)),
        _ => Err(ErrorKind::NotFound.into()),
    }
}
