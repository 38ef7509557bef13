//! stub
use super::request::Incoming;
use crate::service::{Error, Kind};
use warp::reply::Response;
/// stub
pub async fn answer(_: Incoming) -> Result<Response, Error> {
    Err(Kind::NotFound.into())
}
