//! `/healthz`: the process answers, and its threads and tasks run. `/readyz`: it can also read and write.
//! `/healthz/doctor`: [`super::doctor`].

use warp::{http::StatusCode, reply::Response};

use super::doctor;
use crate::{
    app::{Error, ErrorKind},
    service::health,
    web::http::{
        request::Incoming,
        response::{self, Audience},
    },
};

/// Answers both.
pub async fn handle(request: Incoming) -> Result<Response, Error> {
    if let Some(refusal) = request.refuse_writes(Audience::Json) {
        return Ok(refusal);
    }
    match request.path().as_slice() {
        ["healthz"] => health::alive(&request.app).map_err(Error::busy)?,
        ["healthz", "doctor"] => return doctor::handle(&request),
        ["readyz"] => health::ready(&request.app).await?,
        _ => return Err(ErrorKind::NotFound.into()),
    }
    Ok(response::json(
        StatusCode::OK,
        &serde_json::json!({"status": "ok"}),
    ))
}
