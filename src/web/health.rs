//! Health checks. `/healthz`: the process answers, and its threads and tasks run. `/readyz`: it can also read and write its
//! database. `/healthz/doctor`: [`super::doctor`].

use warp::{http::StatusCode, reply::Response};

use super::doctor;
use crate::{
    app::{App, Error, ErrorKind},
    service::health,
    web::{
        http::{request::Incoming, response},
        route::{HealthRoute, Methods},
    },
};

/// Answers `/healthz`, `/readyz` and `/healthz/doctor`.
pub(super) async fn handle(
    app: App,
    route: Option<HealthRoute>,
    request: Incoming,
) -> Result<Response, Error> {
    let app = &app;
    if let Some(refusal) = request.refuse_method(Methods::READ, app) {
        return Ok(refusal);
    }
    match route {
        Some(HealthRoute::Alive) => health::alive(app).map_err(Error::busy)?,
        Some(HealthRoute::Doctor) => return doctor::handle(app, &request),
        Some(HealthRoute::Ready) => health::ready(app).await?,
        None => return Err(ErrorKind::NotFound.into()),
    }
    Ok(response::json(
        StatusCode::OK,
        &serde_json::json!({"status": "ok"}),
    ))
}
