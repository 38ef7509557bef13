//! stub
use crate::service::{Error, Kind};
use crate::web::request::Incoming;
use warp::reply::Response;
/// stub
pub async fn answer(_: Incoming) -> Result<Response, Error> {
    Err(Kind::NotFound.into())
}
