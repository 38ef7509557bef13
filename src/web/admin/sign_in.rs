//! Setup of the first account, sign-in and sign-out.

use serde::Deserialize;
use warp::{
    http::{Method, StatusCode},
    reply::Response,
};

use super::ModeratorSession;
use crate::{
    app::{App, Error, ErrorKind, secret::Purpose},
    model::time::SECOND,
    service::accounts::{
        directory,
        known_devices::DEVICE_LIFETIME,
        session::{self, SignedIn},
        setup_link,
    },
    view::admin::sign_in,
    web::{
        http::{cookie::Cookie, form, request::Incoming, response},
        route,
    },
};

/// The value that forms are bound to without a session. It is not secret: these forms rely on the same-origin check.
const NO_SESSION: &str = "login";

/// The token for forms without a session.
fn form_token(app: &App) -> String {
    form::token(app, Purpose::AdminForm, NO_SESSION)
}

/// Answers a request without a session: redirects to the sign-in page, which continues at the requested page. Errors:
/// `form_not_ours` for a form.
pub(super) async fn require_sign_in(app: &App, request: &Incoming) -> Result<Response, Error> {
    let base_url = &app.base_url;
    if !directory::has_owner(app).await? {
        return Ok(response::page(StatusCode::OK, &sign_in::no_owner(base_url)));
    }
    if request.verb() != Method::GET {
        return Err(Error::with_message(
            ErrorKind::FormNotOurs,
            "You are not signed in any more. Sign in, then send this again.",
        ));
    }
    let path = route::decode(&request.path).unwrap_or_default();
    let query = if request.raw_query.is_empty() {
        String::new()
    } else {
        format!("?{}", request.raw_query)
    };
    let next = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("next", &format!("{path}{query}"))
        .finish();
    Ok(response::see_other(&format!("{base_url}/admin/login?{next}")))
}

/// The query of the sign-in page.
#[derive(Deserialize)]
struct LoginQuery {
    next: Option<String>,
}

/// `GET /admin/login`.
pub(super) async fn login_page(app: &App, request: &Incoming) -> Result<Response, Error> {
    let base_url = &app.base_url;
    if ModeratorSession::of(app, request).await?.is_some() {
        return Ok(response::see_other(&format!("{base_url}/admin")));
    }
    if !directory::has_owner(app).await? {
        return Ok(response::page(StatusCode::OK, &sign_in::no_owner(base_url)));
    }
    let next = request.query::<LoginQuery>()?.next.unwrap_or_default();
    Ok(response::page(
        StatusCode::OK,
        &sign_in::login(base_url, &form_token(app), &next, "", None),
    ))
}

/// The sign-in form.
#[derive(Deserialize)]
struct LoginForm {
    name: String,
    password: String,
    /// The path to continue at.
    next: String,
}

/// `POST /admin/login`.
pub(super) async fn login(app: &App, request: &Incoming) -> Result<Response, Error> {
    let LoginForm { name, password, next } = form::read(app, request, Purpose::AdminForm, NO_SESSION)?;
    let devices = Cookie::Device.read(app, request).unwrap_or_default();
    match session::sign_in(app, &request.client, &devices, &name, &password).await {
        Ok(signed_in) => Ok(enter(app, &signed_in, after(&next))),
        Err(error) => {
            let base_url = &app.base_url;
            let page = sign_in::login(base_url, &form_token(app), &next, &name, Some(&error));
            Ok(response::form_again(
                &error,
                response::page(StatusCode::OK, &page),
            ))
        }
    }
}

/// The path to continue at after signing in: `next` if it is an admin page.
fn after(next: &str) -> &str {
    let plain = next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if next.starts_with("/admin/") && plain {
        next
    } else {
        "/admin"
    }
}

/// Sets the cookies of a session, and redirects to a path.
fn enter(app: &App, signed_in: &SignedIn, path: &str) -> Response {
    let base_url = &app.base_url;
    let mut response = response::see_other(&format!("{base_url}{path}"));
    let (session, device) = (session::SESSION_MAX_AGE / SECOND, DEVICE_LIFETIME / SECOND);
    Cookie::Session.set(&mut response, base_url, &signed_in.session, session);
    Cookie::Device.set(&mut response, base_url, &signed_in.devices, device);
    response
}

/// `GET /admin/setup/{token}`.
pub(super) async fn setup_page(app: &App, token: &str) -> Result<Response, Error> {
    let base_url = &app.base_url;
    if !setup_link::is_valid(app, token).await? {
        return Ok(response::page(
            StatusCode::NOT_FOUND,
            &sign_in::setup_over(base_url, directory::has_owner(app).await?),
        ));
    }
    Ok(response::page(
        StatusCode::OK,
        &sign_in::setup(base_url, &form_token(app), token, "", None),
    ))
}

/// The form that creates the first account.
#[derive(Deserialize)]
struct SetupForm {
    name: String,
    password: String,
    password_again: String,
}

/// `POST /admin/setup/{token}`: creates the first account as an owner, and signs it in.
pub(super) async fn setup(app: &App, request: &Incoming, token: &str) -> Result<Response, Error> {
    let form: SetupForm = form::read(app, request, Purpose::AdminForm, NO_SESSION)?;
    let (name, password) = (form.name.as_str(), form.password.as_str());
    let show_again = |error: &Error| {
        let base_url = &app.base_url;
        let page = sign_in::setup(base_url, &form_token(app), token, name, Some(error));
        Ok(response::form_again(error, response::page(StatusCode::OK, &page)))
    };
    if password != form.password_again {
        return show_again(&Error {
            field: Some("password_again"),
            ..Error::with_message(ErrorKind::FieldInvalid, "The two passwords are not the same.")
        });
    }
    let devices = Cookie::Device.read(app, request).unwrap_or_default();
    match setup_link::redeem(app, &devices, token, name, password).await {
        Ok(signed_in) => Ok(enter(app, &signed_in, "/admin/sites")),
        Err(error) => show_again(&error),
    }
}

/// `POST /admin/logout`.
pub(super) async fn logout(
    app: &App,
    request: &Incoming,
    signed: &ModeratorSession,
) -> Result<Response, Error> {
    signed.check_form(app, request)?;
    session::sign_out(app, signed.token()).await?;
    // The device cookie stays: it grants no access.
    let base_url = &app.base_url;
    let mut response = response::see_other(&format!("{base_url}/admin/login"));
    Cookie::Session.set(&mut response, base_url, "", 0);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::after;

    #[test]
    fn signing_in_redirects_to_admin_pages_only() {
        assert_eq!(
            after("/admin/blog/comments?status=spam"),
            "/admin/blog/comments?status=spam"
        );
        for bad in [
            "",
            "//evil.example/admin/",
            "https://evil.example",
            "/admin/\\evil",
            "/admin/a\r\nb",
            "/thread/x",
        ] {
            assert_eq!(after(bad), "/admin", "{bad:?}");
        }
    }
}
