//! What goes out: bodies with their headers, and the one place where an error becomes a response.

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

/// How an area talks to whom it serves.
#[derive(Clone, Copy, Debug)]
pub enum Audience {
    /// To programs.
    Json,
    /// To owners and moderators, and to whoever strays here.
    Page,
    /// To readers, in their language.
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

/// An error as a response.
#[must_use]
pub fn error(error: &Error, face: Audience, base_url: &str) -> Response {
    let status = status(error.kind);
    let id = logged(error, status);
    let request = id.as_deref().filter(|_| status.is_server_error());
    let mut response = match face {
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
    say_when(error, &mut response);
    response
}

/// Logs the cause of an error, if it has one, and answers the id of the request: only where the log says more than the
/// answer does.
fn logged(error: &Error, status: StatusCode) -> Option<String> {
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

/// `Retry-After`, where an error knows when the same may work.
fn say_when(error: &Error, response: &mut Response) {
    if let Some(seconds) = error.retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
}

/// JSON that is not to be cached, for whoever may read it.
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

/// Lets pages of other origins read the answer. It never depends on cookies, so there is nothing in it
/// that a foreign page could not ask for itself (docs/decisions/0003-cors.md).
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

/// The answer to a preflight.
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

/// What a page of ours may do: nothing but its own style, script and forms.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// A page for people; never cached, never framed.
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

/// A page that shows a form once more, with what was typed and what is wrong with it, as the refusal that it is: under
/// the error's status, with its `Retry-After`, and its cause in the log. The only way to show a form again.
#[must_use]
pub fn form_again(refusal: &Error, mut page: Response) -> Response {
    let status = status(refusal.kind);
    logged(refusal, status);
    *page.status_mut() = status;
    say_when(refusal, &mut page);
    page
}

/// A page in a reader's language, which says which one that is and what it hangs on.
#[must_use]
pub fn page_for_reader(status: StatusCode, words: &Messages, markup: &maud::Markup) -> Response {
    let mut response = page(status, markup);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(words.tag()));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Language"));
    response
}

/// Sends a browser elsewhere on this origin after a form (303). `path` begins with the base URL.
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

/// The refusal of a method, with those that the address takes.
#[must_use]
pub fn method_not_allowed(allowed: Methods, face: Audience, base_url: &str) -> Response {
    let mut response = error(&ErrorKind::MethodNotAllowed.into(), face, base_url);
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static(allowed.0));
    response
}
