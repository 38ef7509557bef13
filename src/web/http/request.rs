//! What comes in: path, query, headers, client address, JSON, tokens.
//!
//! Nothing here trusts a header that a client can set; who the client is, [`super::forwarded`] says.

use std::net::{IpAddr, Ipv6Addr};

use serde::{Deserialize, de::DeserializeOwned};
use warp::{
    http::{HeaderMap, Method, header},
    reply::Response,
};

use crate::{
    app::{App, Error, ErrorKind, context::Client},
    model::{network::Network, page::Origin, site::Site},
    web::{
        http::{
            query,
            response::{self, Audience},
        },
        route::Methods,
    },
};

/// Where a request comes from, put into each by [`crate::web::server`].
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// The other end of the connection: whoever asks, or a proxy.
    pub address: IpAddr,
    /// Whoever asks.
    pub network: Network,
}

/// A request: what its sender said, and who that is.
pub struct Incoming {
    /// The method.
    pub method: Method,
    /// The path as it came. What it names is a [`crate::web::route::Route`].
    pub path: String,
    /// The query as it came.
    pub raw_query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// To whom an error is told.
    pub audience: Audience,
    /// Who asks.
    pub client: Client,
    /// The other end of the connection: whoever asks, or a proxy.
    pub peer: Option<IpAddr>,
    /// The body, already bounded.
    pub body: Vec<u8>,
}

impl Incoming {
    /// Puts it together.
    #[must_use]
    pub fn new(
        method: Method,
        path: &str,
        raw_query: String,
        headers: HeaderMap,
        audience: Audience,
        peer: Option<Peer>,
        body: Vec<u8>,
    ) -> Self {
        let nobody = || Network::of(IpAddr::V6(Ipv6Addr::UNSPECIFIED));
        let client = Client {
            network: peer.map_or_else(nobody, |peer| peer.network),
        };
        Self {
            method,
            path: path.to_owned(),
            raw_query,
            headers,
            audience,
            client,
            peer: peer.map(|peer| peer.address),
            body,
        }
    }

    /// Counts the request against what its network may ask, before anything is looked up for it: a refusal
    /// costs something, too. Once for each request. Errors: `rate_limited`.
    pub fn count(&self, app: &App) -> Result<(), Error> {
        app.limits.count_request(self.client.network)
    }

    /// The method, a HEAD as the GET that it is but for its body, which [`crate::web::router`] leaves out.
    #[must_use]
    pub fn verb(&self) -> &Method {
        match &self.method {
            &Method::HEAD => &Method::GET,
            method => method,
        }
    }

    /// The query, read into a struct.
    ///
    /// # Errors
    ///
    /// Those of [`query::read`].
    pub fn query<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Error> {
        query::read(&self.raw_query)
    }

    /// The refusal of a method that an address does not take; none: it does.
    #[must_use]
    pub fn refuse_method(&self, allowed: Methods, app: &App) -> Option<Response> {
        let refused = !allowed.contain(&self.method);
        refused.then(|| response::method_not_allowed(allowed, self.audience, &app.base_url))
    }

    /// The answer where no handler fits: to a method that the address does not take, or `not_found` where there is nothing.
    /// Errors: `not_found`.
    pub fn refuse(&self, allowed: Option<Methods>, app: &App) -> Result<Response, Error> {
        let refusal = allowed.and_then(|allowed| self.refuse_method(allowed, app));
        refusal.ok_or_else(|| ErrorKind::NotFound.into())
    }

    /// A header's text, if it is there once and is text.
    #[must_use]
    pub fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let first = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(first)
    }

    /// The body as JSON. Errors: `content_type_missing`, `content_type_wrong`, `bad_json`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        if self.headers.contains_key(header::CONTENT_ENCODING) {
            return Err(Error::with_message(
                ErrorKind::ContentTypeWrong,
                "Send the JSON uncompressed.",
            ));
        }
        let kind = self
            .header(header::CONTENT_TYPE)
            .map(|value| value.split(';').next().unwrap_or("").trim().to_ascii_lowercase());
        match kind.as_deref() {
            None | Some("") if !self.headers.contains_key(header::CONTENT_TYPE) => {
                return Err(ErrorKind::ContentTypeMissing.into());
            }
            Some("application/json") => (),
            _ => return Err(ErrorKind::ContentTypeWrong.into()),
        }
        // serde would take an array for an object, its items for the fields in their order.
        let first = self.body.iter().find(|byte| !b" \t\r\n".contains(byte));
        if first.is_some_and(|byte| *byte != b'{') {
            return Err(Error::with_message(
                ErrorKind::BadJson,
                "The request is not the JSON that is expected here: an object.",
            ));
        }
        let mut reader = serde_json::Deserializer::from_slice(&self.body);
        let value = T::deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
        value.map_err(|error| {
            Error::with_message(
                ErrorKind::BadJson,
                format!("The request is not the JSON that is expected here: {error}."),
            )
        })
    }

    /// Refuses a write from a page that is not of the site.
    /// Errors: `origin_missing`, `origin_not_allowed`.
    pub fn require_origin(&self, site: &Site) -> Result<(), Error> {
        if !self.headers.contains_key(header::ORIGIN) {
            return Err(ErrorKind::OriginMissing.into());
        }
        let origin = self
            .header(header::ORIGIN)
            .and_then(|text| Origin::parse(text).ok());
        if origin.is_some_and(|origin| site.has_origin(&origin)) {
            Ok(())
        } else {
            Err(ErrorKind::OriginNotAllowed.into())
        }
    }

    /// The bearer token. Errors: `token_missing`.
    pub fn bearer(&self) -> Result<&str, Error> {
        self.header(header::AUTHORIZATION)
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty())
            .map(|(_, token)| token.trim())
            .ok_or_else(|| ErrorKind::TokenMissing.into())
    }
}
