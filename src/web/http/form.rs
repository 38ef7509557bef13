//! Forms of the comment origin's own pages: the proof that this server made a form for its sender, and its fields as
//! typed structs, by serde.
//!
//! The proof has two independent parts. The browser says that the form comes from the same origin (`Sec-Fetch-Site`, or
//! `Origin` where that is absent; neither is a refusal). And the form carries a token that only this server can make,
//! bound to the cookie of the browser that it was shown to.

use std::borrow::Cow;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _, Visitor, value::MapDeserializer},
    forward_to_deserialize_any,
};
use warp::http::header;

use super::{
    query::{self, QueryError, Value},
    request::Incoming,
};
use crate::{
    app::{
        App, Error, ErrorKind,
        secret::{Purpose, constant_time_eq},
    },
    view::form_field::TOKEN,
};

/// Checks that a form was made by this server for its sender, and reads it. `bound_to` is the secret of the cookie that
/// the form was made for.
///
/// # Errors
///
/// Those of [`check`] and [`fields`].
pub fn read<T: DeserializeOwned>(
    app: &App,
    request: &Incoming,
    purpose: Purpose,
    bound_to: &str,
) -> Result<T, Error> {
    check(app, request, purpose, bound_to)?;
    fields(request)
}

/// Checks that a form was made by this server for its sender. `bound_to` is the secret of the cookie that the form was
/// made for.
///
/// # Errors
///
/// `form_not_ours`, `content_type_wrong`.
pub fn check(app: &App, request: &Incoming, purpose: Purpose, bound_to: &str) -> Result<(), Error> {
    check_origin(app, request)?;
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
    let sent = query::first(&request.body, TOKEN).unwrap_or_default();
    if constant_time_eq(&sent, &token(app, purpose, bound_to)) {
        Ok(())
    } else {
        Err(ErrorKind::FormNotOurs.into())
    }
}

/// The fields of a form, as a struct of text, enums and [`is_filled`] flags. Of a repeated field the first value
/// counts, a missing field is an empty one, and fields that the struct does not have are ignored.
///
/// # Errors
///
/// `field_invalid`, for a value that does not fit its field's type. Text fits always: its meaning, and the message
/// where it has none, are the handler's.
pub fn fields<T: DeserializeOwned>(request: &Incoming) -> Result<T, Error> {
    T::deserialize(FormDeserializer(&request.body))
        .map_err(|error| Error::with_message(ErrorKind::FieldInvalid, error.to_string()))
}

/// Reads the value of a button or a checkbox, which is sent only when it is used: true if it is not empty.
///
/// # Errors
///
/// None; the signature is serde's.
pub fn is_filled<'de, D: Deserializer<'de>>(value: D) -> Result<bool, D::Error> {
    Cow::<str>::deserialize(value).map(|text| !text.is_empty())
}

/// The token for forms that are shown to the bearer of a cookie.
#[must_use]
pub fn token(app: &App, purpose: Purpose, bound_to: &str) -> String {
    app.secret.token(purpose, &[bound_to])
}

/// Refuses a form that another origin sent. Errors: `form_not_ours`.
fn check_origin(app: &App, request: &Incoming) -> Result<(), Error> {
    let is_same = match (request.header("sec-fetch-site"), request.header(header::ORIGIN)) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => {
            let base = url::Url::parse(&app.base_url).map(|url| url.origin().ascii_serialization());
            base.is_ok_and(|base| base == origin)
        }
        (None, None) => false,
    };
    if is_same {
        Ok(())
    } else {
        Err(ErrorKind::FormNotOurs.into())
    }
}

/// A form for serde: a struct asks for its fields by name.
struct FormDeserializer<'de>(&'de [u8]);

impl<'de> Deserializer<'de> for FormDeserializer<'de> {
    type Error = QueryError;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, QueryError> {
        let mut values: Vec<Option<Cow<'de, str>>> = vec![None; names.len()];
        for (key, value) in query::pairs(self.0) {
            if let Some(at) = names.iter().position(|name| *name == key) {
                values[at].get_or_insert(value);
            }
        }
        let values = values.into_iter().map(|value| Value(value.unwrap_or_default()));
        visitor.visit_map(MapDeserializer::new(names.iter().copied().zip(values)))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, QueryError> {
        Err(QueryError::custom("A form is read into a struct."))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct
        seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Form {
        text: String,
        #[serde(deserialize_with = "is_filled")]
        confirmed: bool,
        action: Action,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    enum Action {
        #[serde(rename = "preview")]
        Preview,
        #[serde(other)]
        Post,
    }

    #[test]
    fn the_first_value_counts_and_a_missing_one_is_empty() {
        for (body, text, confirmed, action) in [
            ("", "", false, Action::Post),
            ("text=a+b&text=c", "a b", false, Action::Post),
            ("text=&text=c&unknown=1&=&&", "", false, Action::Post),
            ("%74ext=%C3%B6&Text=c", "ö", false, Action::Post),
            ("text=%ff%0D%0A&confirmed=yes", "\u{fffd}\r\n", true, Action::Post),
            ("confirmed=0&confirmed=", "", true, Action::Post),
            (
                "confirmed=&confirmed=1&action=preview",
                "",
                false,
                Action::Preview,
            ),
            ("action=other&action=preview", "", false, Action::Post),
        ] {
            let read = Form::deserialize(FormDeserializer(body.as_bytes())).unwrap();
            let expected = Form {
                text: text.to_owned(),
                confirmed,
                action,
            };
            assert_eq!(read, expected, "{body}");
        }
    }

    #[test]
    fn a_value_that_does_not_fit_its_type_is_an_error() {
        #[derive(Debug, Deserialize)]
        #[allow(dead_code, reason = "only its reading is tested")]
        struct Closed {
            action: Only,
        }
        #[derive(Debug, Deserialize)]
        enum Only {
            #[serde(rename = "preview")]
            Preview,
        }
        assert!(
            Closed::deserialize(FormDeserializer(b"action=preview")).is_ok(),
            "control"
        );
        assert!(Closed::deserialize(FormDeserializer(b"action=post")).is_err());
        assert!(String::deserialize(FormDeserializer(b"text=a")).is_err());
    }
}
