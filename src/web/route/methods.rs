//! The allowed methods of a route.

use warp::http::Method;

/// The allowed methods of a route, as the text of `Allow`, which needs no joining then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Methods(pub &'static str);

impl Methods {
    /// For reading.
    pub const READ: Self = Self("GET, HEAD");
    /// For a page that is also the action of its form.
    pub const READ_AND_POST: Self = Self("GET, HEAD, POST");
    /// For forms and API writes.
    pub const POST: Self = Self("POST");

    /// True if the method is allowed.
    #[must_use]
    pub fn contain(self, method: &Method) -> bool {
        self.0.split(", ").any(|name| name == method.as_str())
    }
}
