//! HTTP apart from any route: requests, responses, forms, cookies, negotiation.

pub mod conditional;
pub mod cookie;
pub mod encoded_response;
pub mod form;
pub(crate) mod forwarded;
pub mod language;
pub mod query;
pub mod request;
pub mod request_id;
pub mod response;
