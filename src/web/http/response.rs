//! Responses: bodies with their headers, and the one place that turns an error into a response.

use serde::Serialize;
use warp::{
    Reply as _,
    http::{HeaderValue, StatusCode, header},
    reply::Response,
};

use super::request_id;
use crate::{
    app::{Error, ErrorKind},
    view::{self, error_message::LocalizedError, i18n::Messages},
    web::route::Methods,
};

/// The audience of an area: its form and language of errors.
#[derive(Clone, Copy, Debug)]
pub enum Audience {
    /// Programs: JSON, in English.
    Json,
    /// Owners, moderators and everybody else on a page of this server: a page in English.
    Page,
    /// Readers: a page in their language.
    Reader(&'static Messages),
}

/// The status of each kind of error.
#[must_use]
pub fn status(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::BadJson | ErrorKind::BadQuery | ErrorKind::BadRequest | ErrorKind::KeyInvalid => {
            StatusCode::BAD_REQUEST
        }
        ErrorKind::TokenMissing | ErrorKind::SignInFailed => StatusCode::UNAUTHORIZED,
        ErrorKind::TokenWrong
        | ErrorKind::TokenExpired
        | ErrorKind::OriginMissing
        | ErrorKind::OriginNotAllowed
        | ErrorKind::PageNotOfSite
        | ErrorKind::FormNotOurs
        | ErrorKind::ThreadClosed
        | ErrorKind::VotesOff => StatusCode::FORBIDDEN,
        ErrorKind::NotFound | ErrorKind::SiteNotFound | ErrorKind::CommentNotFound => StatusCode::NOT_FOUND,
        ErrorKind::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        ErrorKind::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorKind::ContentTypeMissing | ErrorKind::ContentTypeWrong => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ErrorKind::PageInvalid
        | ErrorKind::PageTooLong
        | ErrorKind::ParentNotFound
        | ErrorKind::KeyReused
        | ErrorKind::TextMissing
        | ErrorKind::TextTooLong
        | ErrorKind::TextTooComplex
        | ErrorKind::NameMissing
        | ErrorKind::NameTooLong
        | ErrorKind::NameInvalid
        | ErrorKind::EmailMissing
        | ErrorKind::EmailInvalid
        | ErrorKind::WebsiteInvalid
        | ErrorKind::WebsiteTooLong
        | ErrorKind::TitleTooLong
        | ErrorKind::FieldInvalid => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        ErrorKind::Busy => StatusCode::SERVICE_UNAVAILABLE,
    }
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    error: ErrorJson<'a>,
}

#[derive(Serialize)]
struct ErrorJson<'a> {
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<&'a str>,
}

/// The response to a request that failed; logs the cause.
#[must_use]
pub fn error(error: &Error, audience: Audience, base_url: &str) -> Response {
    let status = status(error.kind);
    let id = log_cause(error, status);
    let request = id.as_deref().filter(|_| status.is_server_error());
    let mut response = match audience {
        Audience::Json => {
            let body = ErrorBody {
                error: ErrorJson {
                    code: error.kind.code(),
                    message: &error.message,
                    field: error.field,
                    retry_after: error.retry_after,
                    request,
                },
            };
            json(status, &body)
        }
        Audience::Page => page(
            status,
            &view::error::page(base_url, &LocalizedError::to_staff(error), request),
        ),
        Audience::Reader(words) => page_for_reader(
            status,
            words,
            &view::error::page(base_url, &LocalizedError::to_reader(error, words), request),
        ),
    };
    add_retry_after(error, &mut response);
    response
}

/// Logs the cause of an error and returns the id of the request; `None` if the error has no cause, since the log would
/// say no more than the response.
fn log_cause(error: &Error, status: StatusCode) -> Option<String> {
    let cause = error.cause.as_ref()?;
    let id = request_id::current();
    let (request, code) = (id.as_deref(), error.kind.code());
    if status.is_server_error() {
        tracing::error!(request, code, cause, "a request failed");
    } else {
        tracing::debug!(request, code, cause, "a request was refused");
    }
    id
}

/// Adds `Retry-After` if the error has a time after which the same request can succeed.
fn add_retry_after(error: &Error, response: &mut Response) {
    if let Some(seconds) = error.retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
}

/// A JSON response that is never cached and that pages of any origin can read.
pub fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let bytes = serde_json::to_vec(body).unwrap_or_default();
    let mut response = Response::new(bytes.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    allow_any_origin(&mut response);
    response
}

/// Lets pages of any origin read the response. It never depends on cookies, so it contains nothing that a foreign server
/// could not fetch itself (docs/decisions/0003-cors.md).
pub fn allow_any_origin(response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("Date, ETag, Retry-After, X-Request-Id"),
    );
    headers.insert(
        "cross-origin-resource-policy",
        HeaderValue::from_static("cross-origin"),
    );
    headers.insert("timing-allow-origin", HeaderValue::from_static("*"));
}

/// The response to a CORS preflight.
#[must_use]
pub fn preflight() -> Response {
    let mut response = warp::reply().into_response();
    *response.status_mut() = StatusCode::NO_CONTENT;
    allow_any_origin(&mut response);
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, HEAD, POST, PATCH, DELETE, PUT"),
    );
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("authorization, content-type"),
    );
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200"));
    response
}

/// The policy of this server's pages: their own style, script, images, requests and forms, and nothing else.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// An HTML page that is never cached and never framed.
#[must_use]
pub fn page(status: StatusCode, markup: &maud::Markup) -> Response {
    let mut response = Response::new(markup.0.clone().into_bytes().into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(PAGE_POLICY),
    );
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(
        "cross-origin-opener-policy",
        HeaderValue::from_static("same-origin"),
    );
    headers.insert(
        "cross-origin-resource-policy",
        HeaderValue::from_static("same-origin"),
    );
    headers.insert(
        "permissions-policy",
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=()"),
    );
    response
}

/// A page that shows a refused form again: under the error's status, with its `Retry-After`, and its cause in the log.
/// Every refused form is answered by this function.
#[must_use]
pub fn form_again(error: &Error, mut page: Response) -> Response {
    let status = status(error.kind);
    log_cause(error, status);
    *page.status_mut() = status;
    add_retry_after(error, &mut page);
    page
}

/// A page in a reader's language, with `Content-Language` and `Vary`.
#[must_use]
pub fn page_for_reader(status: StatusCode, words: &Messages, markup: &maud::Markup) -> Response {
    let mut response = page(status, markup);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(words.tag()));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Language"));
    response
}

/// A redirect after a form (303). `url` begins with the base URL.
#[must_use]
pub fn see_other(url: &str) -> Response {
    let mut response = warp::reply().into_response();
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(value) = HeaderValue::from_str(url) {
        response.headers_mut().insert(header::LOCATION, value);
    }
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The response 405, with the allowed methods in `Allow`.
#[must_use]
pub fn method_not_allowed(allowed: Methods, audience: Audience, base_url: &str) -> Response {
    let mut response = error(&ErrorKind::MethodNotAllowed.into(), audience, base_url);
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static(allowed.0));
    response
}
