//! The methods of an address.

use warp::http::Method;

/// The methods that an address takes, as `Allow` lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Methods(pub &'static str);

impl Methods {
    /// For reading.
    pub const READ: Self = Self("GET, HEAD");
    /// For a form's page that takes the form as well.
    pub const READ_AND_POST: Self = Self("GET, HEAD, POST");
    /// For forms and API writes.
    pub const POST: Self = Self("POST");

    /// Whether a method is among them.
    #[must_use]
    pub fn contain(self, method: &Method) -> bool {
        self.0.split(", ").any(|name| name == method.as_str())
    }
}
