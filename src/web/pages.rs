//! The thread pages: a conversation to read and to take part in without any script.
//!
//! One cookie, set when a form is first shown: a random secret that proves which comments are the
//! reader's own. Forms are proved by [`crate::web::http::form`]; every success redirects, every refusal shows the
//! form again with all that was typed. What may be done is decided in [`crate::service`].

mod forms;
mod lookup;
mod reader_cookie;
mod show;

use warp::{http::Method, reply::Response};

use crate::{
    app::{Error, ErrorKind},
    web::http::{
        language::RequestLanguage,
        request::Incoming,
        response::{self, Audience},
    },
};

/// Answers `/thread/…`.
pub async fn handle(request: Incoming) -> Result<Response, Error> {
    request.count()?;
    let path = request.path();
    let face = Audience::Reader(RequestLanguage::by(&request).words);
    match (&request.method, path.as_slice()) {
        (&Method::GET | &Method::HEAD, ["thread", site]) => show::show(&request, site).await,
        (&Method::POST, ["thread", site, "post"]) => forms::post(&request, site).await,
        (&Method::POST, ["thread", site, "edit"]) => forms::edit(&request, site).await,
        (&Method::POST, ["thread", site, "delete"]) => forms::delete(&request, site).await,
        (&Method::POST, ["thread", site, "vote"]) => forms::vote(&request, site).await,
        (_, ["thread", _]) => Ok(response::method_not_allowed(
            "GET, HEAD",
            face,
            &request.app.base_url,
        )),
        (_, ["thread", _, "post" | "edit" | "delete" | "vote"]) => {
            Ok(response::method_not_allowed("POST", face, &request.app.base_url))
        }
        _ => Err(ErrorKind::NotFound.into()),
    }
}
