//! `/healthz`: the process answers. `/readyz`: it can also read and write.

use warp::{
    http::{Method, StatusCode},
    reply::Response,
};

use super::{
    reply::{self, Face},
    request::Incoming,
};
use crate::service::{Error, Kind, sites};

/// Answers both.
pub async fn answer(request: Incoming) -> Result<Response, Error> {
    if !matches!(request.method, Method::GET | Method::HEAD) {
        return Ok(reply::method_not_allowed(
            "GET, HEAD",
            Face::Json,
            &request.app.base_url,
        ));
    }
    match request.path().as_slice() {
        ["healthz"] => (),
        ["readyz"] => {
            request.app.store.health().map_err(|cause| Error {
                cause: Some(cause),
                ..Kind::Busy.into()
            })?;
            sites::any(&request.app).await?;
        }
        _ => return Err(Kind::NotFound.into()),
    }
    Ok(reply::json(StatusCode::OK, &serde_json::json!({"status": "ok"})))
}
