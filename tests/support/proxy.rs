//! A proxy between client and server that changes requests and responses as a test needs.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::Arc,
};

use super::http::{Answer, send};

/// A request on its way to the server.
#[derive(Debug, Default)]
pub struct ProxiedRequest {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
}

impl ProxiedRequest {
    pub fn remove(&mut self, name: &str) {
        self.headers.retain(|(key, _)| !key.eq_ignore_ascii_case(name));
    }

    pub fn add(&mut self, name: &str, value: &str) {
        self.headers.push((name.into(), value.into()));
    }

    /// The headers of a correct proxy: forwarding headers of the client are replaced.
    pub fn forward_for(&mut self, client: &str) {
        self.remove("x-forwarded-for");
        self.add("X-Forwarded-For", client);
    }
}

/// Starts a proxy that lives as long as the test process; returns its address.
pub fn start_proxy(
    server: SocketAddr,
    request: impl Fn(&mut ProxiedRequest) + Send + Sync + 'static,
    answer: impl Fn(&ProxiedRequest, &mut Answer) + Send + Sync + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (request, answer) = (Arc::new(request), Arc::new(answer));
    std::thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            let (request, answer) = (Arc::clone(&request), Arc::clone(&answer));
            std::thread::spawn(move || pass(socket, server, &*request, &*answer));
        }
    });
    address
}

fn pass(
    socket: TcpStream,
    server: SocketAddr,
    change_request: &dyn Fn(&mut ProxiedRequest),
    change_answer: &dyn Fn(&ProxiedRequest, &mut Answer),
) -> Option<()> {
    let mut reader = BufReader::new(socket.try_clone().ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let mut request = ProxiedRequest {
        method: words.next()?.to_owned(),
        path: words.next()?.to_owned(),
        headers: Vec::new(),
    };
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok()?,
            "host" | "connection" | "accept-encoding" => (),
            _ => request.add(name, value.trim()),
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    change_request(&mut request);
    let headers: Vec<(&str, &str)> = request
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let mut got = send(server, &request.method, &request.path, &headers, &body);
    change_answer(&request, &mut got);
    let mut out = format!("HTTP/1.1 {} Passed\r\nConnection: close\r\n", got.status);
    for (name, value) in &got.headers {
        if !["content-length", "transfer-encoding", "connection"]
            .contains(&name.to_ascii_lowercase().as_str())
        {
            out.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    if got.status != 204 {
        out.push_str(&format!("Content-Length: {}\r\n", got.body.len()));
    }
    let mut socket = socket;
    socket.write_all(format!("{out}\r\n").as_bytes()).ok()?;
    socket.write_all(&got.body).ok()
}
