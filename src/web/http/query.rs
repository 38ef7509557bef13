//! Query strings as typed structs, by serde.
//!
//! Values are text: their meaning, and the message where they have none, are the caller's. Keys that a struct does not
//! have are ignored, since trackers append theirs to any address. The deserializer is written by hand because
//! `serde_html_form` and `serde_urlencoded` name a repeated key only inside a message of their own.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize,
    de::{self, IntoDeserializer, Visitor, value::MapDeserializer},
    forward_to_deserialize_any,
};

use crate::app::{Error, ErrorKind};

/// Reads a query into the fields of a struct.
///
/// # Errors
///
/// `bad_query`, for a parameter of the struct that was given more than once.
pub fn read<'de, T: Deserialize<'de>>(query: &'de str) -> Result<T, Error> {
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let read = T::deserialize(MapDeserializer::new(
        pairs.map(|(key, value)| (key, Value(value))),
    ));
    read.map_err(|error| match error {
        QueryError::Repeated(key) => Error::with_message(
            ErrorKind::BadQuery,
            format!("The parameter {key} was given more than once."),
        ),
        QueryError::Other(message) => Error::with_message(ErrorKind::BadQuery, message),
    })
}

/// All pairs of a query or a form in their order, percent-decoded; what is not UTF-8 becomes U+FFFD.
pub fn pairs(encoded: &[u8]) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
    url::form_urlencoded::parse(encoded)
}

/// The first value of a parameter of a query or of a field of a form; later ones are ignored.
#[must_use]
pub fn first<'a>(encoded: &'a [u8], name: &str) -> Option<Cow<'a, str>> {
    pairs(encoded)
        .find(|(key, _)| key == name)
        .map(|(_, value)| value)
}

/// All values of a parameter of a query, in their order.
pub fn all<'a>(query: &'a str, name: &'static str) -> impl Iterator<Item = Cow<'a, str>> {
    pairs(query.as_bytes())
        .filter(move |(key, _)| key == name)
        .map(|(_, value)| value)
}

/// The error `bad_query` for a query that lacks a parameter.
#[must_use]
pub fn missing(name: &str) -> Error {
    Error::with_message(ErrorKind::BadQuery, format!("The parameter {name} is missing."))
}

/// An error of serde.
#[derive(Debug)]
pub(super) enum QueryError {
    /// A field was given more than once.
    Repeated(&'static str),
    /// Any other error, as serde describes it.
    Other(String),
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Repeated(key) => f.write_str(key),
            Self::Other(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for QueryError {}

impl de::Error for QueryError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Other(message.to_string())
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::Repeated(field)
    }
}

/// The text of a parameter or of a form field for serde. An `Option` is always `Some`, also for an empty text; an enum is
/// read by the names of its variants.
pub(super) struct Value<'de>(pub(super) Cow<'de, str>);

impl<'de> IntoDeserializer<'de, QueryError> for Value<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> de::Deserializer<'de> for Value<'de> {
    type Error = QueryError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, QueryError> {
        match self.0 {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, QueryError> {
        visitor.visit_some(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, QueryError> {
        visitor.visit_enum(self.0.into_deserializer())
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct newtype_struct seq
        tuple tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Query {
        page: Option<String>,
        sort: Option<String>,
    }

    fn query(page: Option<&str>, sort: Option<&str>) -> Query {
        Query {
            page: page.map(str::to_owned),
            sort: sort.map(str::to_owned),
        }
    }

    #[test]
    fn a_query_is_read_by_the_names_of_its_fields() {
        for (text, expected) in [
            ("", query(None, None)),
            ("page=", query(Some(""), None)),
            ("page", query(Some(""), None)),
            (
                "page=a+b%20c%2Fd&utm=1&utm=2&sort=new",
                query(Some("a b c/d"), Some("new")),
            ),
            ("&&sort=%ff", query(None, Some("\u{fffd}"))),
            ("Page=x&%70age=y", query(Some("y"), None)),
        ] {
            assert_eq!(read::<Query>(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn a_repeated_parameter_is_refused_by_its_name() {
        for (text, name) in [
            ("page=a&page=a", "page"),
            ("sort=&page=a&sort=", "sort"),
            ("page=a&%70age=b", "page"),
        ] {
            let error = read::<Query>(text).unwrap_err();
            assert_eq!(error.kind, ErrorKind::BadQuery);
            assert_eq!(
                error.message,
                format!("The parameter {name} was given more than once.")
            );
        }
    }
}
