//! The page of an error.
use maud::{Markup, html};
/// An error for people.
#[must_use]
pub fn page(_base_url: &str, error: &crate::service::Error) -> Markup {
    html! { p { (error.message) } }
}
