//! stub
use warp::reply::Response; use super::request::Incoming; use crate::service::{Error,Kind};
/// stub
pub async fn answer(_: Incoming) -> Result<Response, Error> { Err(Kind::NotFound.into()) }
