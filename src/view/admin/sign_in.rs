//! The pages for setup and sign-in, and the message before an owner exists.

use maud::{Markup, html};

use crate::{
    app::Error,
    service::accounts::password::PASSWORD_LENGTH,
    view::{
        error_message::LocalizedError,
        form_field::{self, Field, TOKEN, field},
        layout::{self, Head},
    },
};

fn plain(base_url: &str, title: &str, main: &Markup) -> Markup {
    let main = html! { div.narrow { p.brand { "Afterword" } h1 { (title) } (main) } };
    layout::page(
        base_url,
        &Head {
            title,
            private: true,
            kind: "plain",
            ..Head::default()
        },
        &html! {},
        &main,
    )
}

/// The page of a server without an owner.
#[must_use]
pub fn no_owner(base_url: &str) -> Markup {
    plain(
        base_url,
        "Almost there",
        &html! {
            p.lead { "This server has no owner yet. Open the setup link that it printed when it started; it works once, for an hour." }
            p { "Restart the server for a new link, or run:" }
            pre tabindex="0" { code { "afterword admin create --password-stdin NAME" } }
        },
    )
}

/// The page of an invalid setup link.
#[must_use]
pub fn setup_over(base_url: &str, has_owner: bool) -> Markup {
    plain(
        base_url,
        "This link does not work",
        &html! {
            @if has_owner {
                p.lead { "The server is set up already." }
                p { a.button href={ (base_url) "/admin/login" } { "Sign in" } }
            } @else {
                p.lead { "A setup link works once, for an hour. Restart the server and open the new one that it prints." }
            }
        },
    )
}

/// The form that creates the owner's account.
#[must_use]
pub fn setup(base_url: &str, form_token: &str, token: &str, name: &str, error: Option<&Error>) -> Markup {
    let hint = format!(
        "{} characters or more. A few words are best; spaces are fine.",
        PASSWORD_LENGTH.start()
    );
    let message = error.map(LocalizedError::to_staff);
    plain(
        base_url,
        "Welcome",
        &html! {
            p.lead { "You are the first here, by the link that the server printed. Choose how you will sign in." }
            form action={ (base_url) "/admin/setup/" (token) } method="post" {
                (form_field::summary(message.as_ref(), &["name", "password", "password_again"], "Not yet."))
                input type="hidden" name=(TOKEN) value=(form_token);
                (field(Field { name: "name", label: "Name", value: name, autocomplete: "username", required: true, ..Field::default() }, message.as_ref()))
                (field(Field { name: "password", label: "Password", kind: "password", hint: &hint, autocomplete: "new-password", required: true, ..Field::default() }, message.as_ref()))
                (field(Field { name: "password_again", label: "The same password again", kind: "password", autocomplete: "new-password", required: true, ..Field::default() }, message.as_ref()))
                div.buttons { button.primary { "Create account" } }
            }
        },
    )
}

/// The sign-in form.
#[must_use]
pub fn login(base_url: &str, form_token: &str, next: &str, name: &str, error: Option<&Error>) -> Markup {
    plain(
        base_url,
        "Sign in",
        &html! {
            form action={ (base_url) "/admin/login" } method="post" {
                (form_field::summary(error.map(LocalizedError::to_staff).as_ref(), &[], "Not signed in."))
                input type="hidden" name=(TOKEN) value=(form_token);
                (form_field::hidden(&[("next", next)]))
                (field(Field { name: "name", label: "Name", value: name, autocomplete: "username", required: true, ..Field::default() }, None))
                (field(Field { name: "password", label: "Password", kind: "password", autocomplete: "current-password", required: true, ..Field::default() }, None))
                div.buttons { button.primary { "Sign in" } }
            }
        },
    )
}
