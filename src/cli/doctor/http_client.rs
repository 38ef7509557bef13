//! The client that `afterword doctor` asks with: the only one in the project, and in no server.
//!
//! It follows no redirect and uses no proxy of the environment: what stands between a browser and the server is what
//! shall be seen.

use std::time::Duration;

use ureq::{
    Agent,
    http::{Request, Response},
};

/// The largest answer that is read.
const MAX_RESPONSE_BYTES: u64 = 4 * 1024 * 1024;

/// An answer, whatever its status.
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

    /// The error's code, if the body is an error of Afterword's API.
    pub(super) fn code(&self) -> Option<String> {
        let json: serde_json::Value = serde_json::from_slice(&self.body).ok()?;
        Some(json["error"]["code"].as_str()?.to_owned())
    }
}

/// See the module.
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

    /// Errors: why there was no answer, in words.
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
