//! Forms of the comment origin's own pages: fields, and the proof that a form is ours.
//!
//! Two walls: the browser says that the form comes from the same origin (`Sec-Fetch-Site`, or `Origin`
//! where that is absent; neither is a refusal), and the form carries a token that only we can make, bound
//! to the cookie of whom it was shown to.

use warp::http::header;

use super::{query, request::Incoming};
use crate::{
    app::{
        App, Error, ErrorKind,
        secret::{Purpose, constant_time_eq},
    },
    view::form_field::TOKEN,
};

/// The fields of a form.
#[derive(Debug)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a form and proves that it is ours. `bound_to` is the secret of the cookie that the form
    /// was made for. Errors: `form_not_ours`, `content_type_wrong`.
    pub fn read(app: &App, request: &Incoming, purpose: Purpose, bound_to: &str) -> Result<Self, Error> {
        same_origin(app, request)?;
        let kind = request.header(header::CONTENT_TYPE).unwrap_or_default();
        if !kind
            .to_ascii_lowercase()
            .starts_with("application/x-www-form-urlencoded")
        {
            return Err(Error::with_message(
                ErrorKind::ContentTypeWrong,
                "This address takes forms only.",
            ));
        }
        let form = Self(
            query::pairs(&request.body)
                .map(|(key, value)| (key.into_owned(), value.into_owned()))
                .collect(),
        );
        if constant_time_eq(form.get(TOKEN), &token(app, purpose, bound_to)) {
            Ok(form)
        } else {
            Err(ErrorKind::FormNotOurs.into())
        }
    }

    /// A field's value; empty if it is missing. Line ends are `\n`.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value)
    }

    /// All fields in their order.
    #[must_use]
    pub fn fields(&self) -> &[(String, String)] {
        &self.0
    }
}

/// The token for forms that are shown to the bearer of a cookie.
#[must_use]
pub fn token(app: &App, purpose: Purpose, bound_to: &str) -> String {
    app.secret.token(purpose, &[bound_to])
}

/// Refuses what another origin sent. Errors: `form_not_ours`.
fn same_origin(app: &App, request: &Incoming) -> Result<(), Error> {
    let ours = match (request.header("sec-fetch-site"), request.header(header::ORIGIN)) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => {
            let base = url::Url::parse(&app.base_url).map(|url| url.origin().ascii_serialization());
            base.is_ok_and(|base| base == origin)
        }
        (None, None) => false,
    };
    if ours {
        Ok(())
    } else {
        Err(ErrorKind::FormNotOurs.into())
    }
}
