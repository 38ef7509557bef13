//! The thread pages: a conversation to read and to take part in without any script.
//!
//! One cookie, set when a form is first shown: a random secret that proves which comments are the
//! reader's own. Forms are proved by [`super::form`]; every success redirects, every refusal shows the
//! form again with all that was typed. What may be done is decided in [`crate::service`].

mod find;
mod read;
mod reader;
mod write;

use warp::{http::Method, reply::Response};

use super::{
    language::Spoken,
    reply::{self, Face},
    request::Incoming,
};
use crate::service::{Error, Kind};

/// Answers `/thread/…`.
pub async fn answer(request: Incoming) -> Result<Response, Error> {
    request.count()?;
    let path = request.path();
    let face = Face::Reader(Spoken::by(&request).words);
    match (&request.method, path.as_slice()) {
        (&Method::GET | &Method::HEAD, ["thread", site]) => read::show(&request, site).await,
        (&Method::POST, ["thread", site, "post"]) => write::post(&request, site).await,
        (&Method::POST, ["thread", site, "edit"]) => write::edit(&request, site).await,
        (&Method::POST, ["thread", site, "delete"]) => write::delete(&request, site).await,
        (&Method::POST, ["thread", site, "vote"]) => write::vote(&request, site).await,
        (_, ["thread", _]) => Ok(reply::method_not_allowed(
            "GET, HEAD",
            face,
            &request.app.base_url,
        )),
        (_, ["thread", _, "post" | "edit" | "delete" | "vote"]) => {
            Ok(reply::method_not_allowed("POST", face, &request.app.base_url))
        }
        _ => Err(Kind::NotFound.into()),
    }
}
