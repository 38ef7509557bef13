//! The HTTP client. Its type says which servers it may reach: [`PublicServers`] or [`OwnServer`].
//!
//! It follows no redirect, uses no proxy of the environment, and keeps the [`Limits`] of time and size. It blocks its
//! thread: async code calls it on the blocking pool.

use std::{net::IpAddr, time::Duration};

use ureq::{
    Agent,
    http::{self, Request},
};
use url::Url;

use super::{address, guard};

/// Maximum size of a response's status line and headers, in bytes.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// The limits of each request of a client.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Maximum time from name resolution to the last byte of the body.
    pub timeout: Duration,
    /// Maximum size of the response's body, in bytes.
    pub max_body_bytes: u64,
}

/// The servers that a client may reach: [`PublicServers`] or [`OwnServer`], and no other type.
pub trait Destination: sealed::Destination {}

mod sealed {
    use super::{IpAddr, NetError, Url};

    pub trait Destination {
        const USER_AGENT: &'static str;
        const HTTPS_ONLY: bool;

        /// Checks a URL before its host is resolved.
        fn check(&self, url: &Url) -> Result<(), NetError>;

        /// True for an address that may be connected to.
        fn allows(address: IpAddr) -> bool;
    }
}

/// Any server of the public internet, by https. For URLs that come from outside.
#[derive(Debug)]
pub struct PublicServers;

/// The server of this installation, at the origins that its owner configured. They may be private, and http. Only
/// `afterword doctor` uses it.
#[derive(Debug)]
pub struct OwnServer {
    origins: Vec<url::Origin>,
}

impl Destination for PublicServers {}
impl Destination for OwnServer {}

impl sealed::Destination for PublicServers {
    const USER_AGENT: &'static str = concat!("afterword/", env!("CARGO_PKG_VERSION"));
    const HTTPS_ONLY: bool = true;

    fn check(&self, url: &Url) -> Result<(), NetError> {
        if url.scheme() != "https" {
            return Err(NetError::SchemeRefused(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(NetError::InvalidUrl(
                "it has a user name or a password".to_owned(),
            ));
        }
        Ok(())
    }

    fn allows(address: IpAddr) -> bool {
        address::is_public(address)
    }
}

impl sealed::Destination for OwnServer {
    const USER_AGENT: &'static str = concat!("afterword-doctor/", env!("CARGO_PKG_VERSION"));
    const HTTPS_ONLY: bool = false;

    fn check(&self, url: &Url) -> Result<(), NetError> {
        if !["http", "https"].contains(&url.scheme()) {
            return Err(NetError::SchemeRefused(url.scheme().to_owned()));
        }
        if !self.origins.contains(&url.origin()) {
            return Err(NetError::OriginRefused(url.origin().ascii_serialization()));
        }
        Ok(())
    }

    fn allows(_: IpAddr) -> bool {
        true
    }
}

/// The reason why there is no response.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The URL is not valid, or has a part that is not allowed.
    #[error("the URL cannot be used: {0}")]
    InvalidUrl(String),
    /// The client does not use this scheme.
    #[error("{0} is not a scheme for requests to other servers")]
    SchemeRefused(String),
    /// The URL is not of this installation's server.
    #[error("{0} is not the server of this installation")]
    OriginRefused(String),
    /// The host has an address that is not public.
    #[error("the host has the address {0}, which is not public")]
    AddressRefused(IpAddr),
    /// The time limit was reached.
    #[error("{0}")]
    TimedOut(String),
    /// The head or the body of the response exceeds its limit.
    #[error("{0}")]
    TooLarge(String),
    /// Name resolution, the connection, TLS or HTTP failed.
    #[error("{0}")]
    Failed(String),
}

impl From<ureq::Error> for NetError {
    fn from(error: ureq::Error) -> Self {
        let message = error.to_string();
        match error {
            ureq::Error::Timeout(_) => Self::TimedOut(message),
            ureq::Error::BodyExceedsLimit(_) | ureq::Error::LargeResponseHeader(..) => {
                Self::TooLarge(message)
            }
            ureq::Error::Io(error) => match error.get_ref().and_then(|inner| inner.downcast_ref()) {
                Some(guard::AddressRefused(address)) => Self::AddressRefused(*address),
                None => Self::Failed(message),
            },
            _ => Self::Failed(message),
        }
    }
}

/// A response with any status. A redirect is a response like others.
#[derive(Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The headers in the order in which they were sent, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// All values of a header. `name` is in lower case.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(key, _)| key == name);
        named.map(|(_, value)| value.as_str()).collect()
    }
}

/// A client for the servers of a [`Destination`].
#[derive(Debug)]
pub struct Client<D> {
    pub(super) agent: Agent,
    pub(super) destination: D,
    pub(super) limits: Limits,
}

impl Client<PublicServers> {
    /// A client for the public internet.
    #[must_use]
    pub fn public(limits: Limits) -> Self {
        Self::new(PublicServers, limits)
    }
}

impl Client<OwnServer> {
    /// A client for this installation's server. `base_urls`: the URLs that lead to it; one that cannot be parsed is
    /// ignored.
    #[must_use]
    pub fn own_server(base_urls: &[&str], limits: Limits) -> Self {
        let urls = base_urls.iter().filter_map(|url| Url::parse(url).ok());
        let origins = urls.map(|url| url.origin()).collect();
        Self::new(OwnServer { origins }, limits)
    }
}

impl<D: Destination> Client<D> {
    fn new(destination: D, limits: Limits) -> Self {
        Self {
            agent: guard::agent(config::<D>(limits), D::allows),
            destination,
            limits,
        }
    }

    /// Sends a request and reads the whole response. An empty `body` is not sent.
    ///
    /// # Errors
    /// [`NetError`]: the URL or an address of its host is refused, a limit is exceeded, or there is no response.
    pub fn request(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Response, NetError> {
        // Parsed once, by the rules of browsers, so that the checked URL is the requested one.
        let url = Url::parse(url).map_err(|error| NetError::InvalidUrl(error.to_string()))?;
        self.destination.check(&url)?;
        let mut request = Request::builder().method(method).uri(url.as_str());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let invalid = |error: http::Error| NetError::InvalidUrl(error.to_string());
        let response = if body.is_empty() {
            self.agent.run(request.body(()).map_err(invalid)?)
        } else {
            self.agent.run(request.body(body).map_err(invalid)?)
        };
        self.read(response?)
    }

    /// Sends a GET request and reads the whole response.
    ///
    /// # Errors
    /// Those of [`Client::request`].
    pub fn get(&self, url: &str, headers: &[(&str, &str)]) -> Result<Response, NetError> {
        self.request("GET", url, headers, "")
    }

    fn read(&self, mut response: http::Response<ureq::Body>) -> Result<Response, NetError> {
        let body = response
            .body_mut()
            .with_config()
            .limit(self.limits.max_body_bytes);
        let body = body.read_to_vec()?;
        let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = response.headers().iter();
        Ok(Response {
            status: response.status().as_u16(),
            headers: headers
                .map(|(name, value)| (name.as_str().to_owned(), text(value)))
                .collect(),
            body,
        })
    }
}

/// The configuration of a client's agent. By default ureq follows redirects and reads proxies from the environment.
pub(super) fn config<D: Destination>(limits: Limits) -> ureq::config::Config {
    Agent::config_builder()
        .timeout_global(Some(limits.timeout))
        .max_response_header_size(MAX_HEAD_BYTES)
        .http_status_as_error(false)
        .https_only(D::HTTPS_ONLY)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .user_agent(D::USER_AGENT)
        .build()
}
