//! The HTTP client of `afterword doctor`, the only one in the project; the server uses none.
//!
//! It follows no redirect and uses no proxy of the environment, so that the checks see what is between a browser and
//! the server.

use std::time::Duration;

use crate::app::ErrorKind;

use ureq::{
    Agent,
    http::{Request, Response},
};

/// Largest response body that is read, in bytes.
const MAX_RESPONSE_BYTES: u64 = 4 * 1024 * 1024;

/// A response of any status.
pub(super) struct ServerResponse {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl ServerResponse {
    /// All values of a header.
    pub(super) fn all(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(key, _)| key == name);
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// The error code, if the body is an error of Afterword's API.
    pub(super) fn code(&self) -> Option<String> {
        let json: serde_json::Value = serde_json::from_slice(&self.body).ok()?;
        Some(json["error"]["code"].as_str()?.to_owned())
    }

    /// The kind of the API's error; none where the code is of another version.
    pub(super) fn error_kind(&self) -> Option<ErrorKind> {
        ErrorKind::parse(&self.code()?)
    }
}

/// A client for the checks.
pub(super) struct Client(Agent);

impl Client {
    pub(super) fn new() -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(10)))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(concat!("afterword-doctor/", env!("CARGO_PKG_VERSION")))
            .build();
        Self(config.into())
    }

    /// Sends a request.
    ///
    /// # Errors
    /// A sentence if there is no response.
    pub(super) fn ask(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<ServerResponse, String> {
        let mut request = Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answered = if body.is_empty() {
            let request = request.body(()).map_err(|error| error.to_string())?;
            self.0.run(request)
        } else {
            let request = request.body(body).map_err(|error| error.to_string())?;
            self.0.run(request)
        };
        read(answered.map_err(|error| error.to_string())?)
    }

    pub(super) fn get(&self, url: &str, headers: &[(&str, &str)]) -> Result<ServerResponse, String> {
        self.ask("GET", url, headers, "")
    }
}

fn read(mut response: Response<ureq::Body>) -> Result<ServerResponse, String> {
    let body = response
        .body_mut()
        .with_config()
        .limit(MAX_RESPONSE_BYTES)
        .read_to_vec();
    Ok(ServerResponse {
        status: response.status().as_u16(),
        headers: response
            .headers()
            .iter()
            .map(|(name, value)| {
                (
                    name.as_str().to_owned(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect(),
        body: body.map_err(|error| error.to_string())?,
    })
}
