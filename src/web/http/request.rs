//! Requests: path, query, headers, client address, JSON, tokens.
//!
//! No header that a client can set is trusted here; [`super::forwarded`] finds the client's address.

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

/// The source of a request, put into its extensions by [`crate::web::server`].
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// The other end of the connection: the client, or a proxy.
    pub address: IpAddr,
    /// The client's network.
    pub network: Network,
}

/// A request with its body, its client, and the audience of its errors.
pub struct Incoming {
    /// The method.
    pub method: Method,
    /// The path, still percent-encoded. [`crate::web::route::Route`] is what it names.
    pub path: String,
    /// The query, still percent-encoded.
    pub raw_query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The audience of an error.
    pub audience: Audience,
    /// The client.
    pub client: Client,
    /// The other end of the connection: the client, or a proxy.
    pub peer: Option<IpAddr>,
    /// The body, within the limit of its area.
    pub body: Vec<u8>,
}

impl Incoming {
    /// A request from its parts. Without a `peer` all requests count as one client.
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

    /// Counts the request against the limit of its network. To be called once per request, before anything is looked up
    /// for it: a refused request would cost a lookup otherwise.
    ///
    /// # Errors
    ///
    /// `rate_limited`.
    pub fn count(&self, app: &App) -> Result<(), Error> {
        app.limits.count_request(self.client.network)
    }

    /// The method, with GET for HEAD: [`crate::web::router`] drops the body of the response to a HEAD.
    #[must_use]
    pub fn verb(&self) -> &Method {
        match &self.method {
            &Method::HEAD => &Method::GET,
            method => method,
        }
    }

    /// Reads the query into a struct.
    ///
    /// # Errors
    ///
    /// Those of [`query::read`].
    pub fn query<'a, T: Deserialize<'a>>(&'a self) -> Result<T, Error> {
        query::read(&self.raw_query)
    }

    /// The response 405 if the method is not allowed at this address; `None` if it is.
    #[must_use]
    pub fn refuse_method(&self, allowed: Methods, app: &App) -> Option<Response> {
        let refused = !allowed.contain(&self.method);
        refused.then(|| response::method_not_allowed(allowed, self.audience, &app.base_url))
    }

    /// The response where no handler fits: 405 if the address allows other methods. `allowed` is `None` where there is
    /// nothing.
    ///
    /// # Errors
    ///
    /// `not_found`.
    pub fn refuse(&self, allowed: Option<Methods>, app: &App) -> Result<Response, Error> {
        let refusal = allowed.and_then(|allowed| self.refuse_method(allowed, app));
        refusal.ok_or_else(|| ErrorKind::NotFound.into())
    }

    /// A header's text; `None` unless it is there exactly once and is ASCII.
    #[must_use]
    pub fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let first = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(first)
    }

    /// Reads the body as a JSON object.
    ///
    /// # Errors
    ///
    /// `content_type_missing`, `content_type_wrong`, `bad_json`.
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
        // serde reads an array as a struct too, its items as the fields in their order.
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

    /// Refuses a write from a page of another site.
    ///
    /// # Errors
    ///
    /// `origin_missing`, `origin_not_allowed`.
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

    /// The bearer token (RFC 6750, 2.1).
    ///
    /// # Errors
    ///
    /// `token_missing`.
    pub fn bearer(&self) -> Result<&str, Error> {
        self.header(header::AUTHORIZATION)
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty())
            .map(|(_, token)| token.trim())
            .ok_or_else(|| ErrorKind::TokenMissing.into())
    }
}
