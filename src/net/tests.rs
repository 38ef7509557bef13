//! Tests of the guard: refused URLs and addresses, redirects, limits of time and size; each beside a control.

use std::{
    io::{self, Read as _, Write as _},
    net::{IpAddr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use ureq::{
    Agent,
    config::Config,
    http::Uri,
    unversioned::{
        resolver::{ResolvedSocketAddrs, Resolver},
        transport::{ConnectionDetails, Connector, DefaultConnector, NextTimeout},
    },
};

use super::{
    address,
    client::{Client, Limits, NetError, OwnServer, PublicServers, config},
    guard,
};

const LIMITS: Limits = Limits {
    timeout: Duration::from_millis(1500),
    max_body_bytes: 1000,
};

/// A server on loopback that handles each connection by `respond`; returns its base URL and its number of requests.
fn server(respond: impl Fn(&mut TcpStream) -> io::Result<()> + Send + 'static) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&requests);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = [0; 4096];
            if matches!(stream.read(&mut head), Ok(1..)) {
                count.fetch_add(1, Ordering::SeqCst);
                // Fails where the client stops reading, as some tests require.
                let _ = respond(&mut stream);
            }
        }
    });
    (base, requests)
}

fn ok(stream: &mut TcpStream) -> io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
}

/// A client that may reach a server on loopback. It keeps the same limits as a client of public servers.
fn client(base: &str) -> Client<OwnServer> {
    Client::own_server(&[base], LIMITS)
}

/// A DNS whose answers for any name are given in order; the last one is repeated.
#[derive(Debug)]
struct FakeDns {
    answers: Vec<Vec<IpAddr>>,
    lookups: Arc<AtomicUsize>,
}

impl FakeDns {
    fn new(answers: &[&[&str]]) -> Self {
        let parse = |answer: &&[&str]| answer.iter().map(|address| address.parse().unwrap()).collect();
        Self {
            answers: answers.iter().map(parse).collect(),
            lookups: Arc::default(),
        }
    }
}

impl Resolver for FakeDns {
    fn resolve(&self, uri: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let lookup = self.lookups.fetch_add(1, Ordering::SeqCst);
        let mut addresses = self.empty();
        for address in &self.answers[lookup.min(self.answers.len() - 1)] {
            addresses.push(SocketAddr::new(*address, uri.port_u16().unwrap_or(443)));
        }
        Ok(addresses)
    }
}

/// Records the addresses that the client connects to, and fails instead of connecting.
#[derive(Clone, Debug, Default)]
struct RecordingConnector(Arc<Mutex<Vec<SocketAddr>>>);

impl Connector for RecordingConnector {
    type Out = ();

    fn connect(&self, details: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<()>, ureq::Error> {
        self.0.lock().unwrap().extend(details.addrs.iter());
        Err(io::Error::from(io::ErrorKind::ConnectionRefused).into())
    }
}

/// A client of public servers that resolves names by `dns`.
fn public(dns: FakeDns, connector: impl Connector) -> Client<PublicServers> {
    Client {
        agent: guard::agent_with(
            config::<PublicServers>(LIMITS),
            address::is_public,
            dns,
            connector,
        ),
        destination: PublicServers,
        limits: LIMITS,
    }
}

#[test]
fn hosts_that_are_not_public_addresses_are_refused_in_every_spelling() {
    let client = Client::public(LIMITS);
    for host in [
        // Loopback.
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "127.255.255.254",
        "0x7f.1",
        "0x7f000001",
        "0X7F.0.0.1",
        "017700000001",
        "0177.0.0.1",
        "2130706433",
        "127.0.0.1.",
        "%31%32%37.0.0.1",
        "１２７.0.0.1",
        "127。0。0。1",
        "①②⑦.0.0.1",
        "localhost",
        "LOCALHOST",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[::0001]",
        // This host and this network.
        "0",
        "0.0.0.0",
        "0.1.2.3",
        "[::]",
        // Private and unique local.
        "10.0.0.1",
        "167772161",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "0xc0a80101",
        "[fc00::1]",
        "[fd00:ec2::254]",
        // Link-local and site-local.
        "169.254.169.254",
        "2852039166",
        "[fe80::1]",
        "[fec0::1]",
        // Carrier-grade NAT.
        "100.64.0.1",
        "100.127.255.255",
        // IPv4 addresses within IPv6 addresses: mapped, compatible, NAT64, 6to4, Teredo.
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::FFFF:10.0.0.1]",
        "[::ffff:8.8.8.8]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[64:ff9b::a00:1]",
        "[64:ff9b::808:808]",
        "[64:ff9b:1::808:808]",
        "[2002:7f00:1::]",
        "[2002:808:808::1]",
        "[2001::1]",
        // Multicast, broadcast, reserved, documentation, benchmarks.
        "224.0.0.1",
        "239.255.255.255",
        "[ff02::1]",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.7",
        "[2001:db8::1]",
        "[2001:2::1]",
        "[3fff::1]",
        "[5f00::1]",
        "[100::1]",
    ] {
        for port in ["", ":1", ":8443"] {
            let url = format!("https://{host}{port}/");
            let refused = client.get(&url, &[]);
            assert!(
                matches!(refused, Err(NetError::AddressRefused(_))),
                "{url}: {refused:?}"
            );
        }
    }
}

#[test]
fn public_servers_are_reached_by_https_without_credentials_only() {
    let client = Client::public(LIMITS);
    for url in [
        "http://example.com/",
        "HTTP://example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "data:,x",
        "gopher://example.com/",
        "ws://example.com/",
        "unix:///run/docker.sock",
    ] {
        let refused = client.get(url, &[]);
        assert!(
            matches!(refused, Err(NetError::SchemeRefused(_))),
            "{url}: {refused:?}"
        );
    }
    for url in [
        "",
        "/path",
        "//example.com/",
        "https://",
        "https:///",
        "example.com",
        "https://user@example.com/",
        "https://a:b@example.com/",
        "https://example.com@127.0.0.1/",
        "https://[::1",
        "https://[fe80::1%25eth0]/",
        "https://a b/",
        "https://1.2.3.4.5.6/",
        "https://256.1.1.1/",
    ] {
        let refused = client.get(url, &[]);
        assert!(
            matches!(refused, Err(NetError::InvalidUrl(_))),
            "{url}: {refused:?}"
        );
    }
}

#[test]
fn a_name_is_refused_if_one_of_its_addresses_is_not_public() {
    for addresses in [
        &["127.0.0.1"][..],
        &["10.0.0.1"],
        &["169.254.169.254"],
        &["::1"],
        &["::ffff:127.0.0.1"],
        &["64:ff9b::a00:1"],
        &["93.184.216.34", "127.0.0.1"],
        &["2606:4700::1", "fd00::1"],
    ] {
        let connector = RecordingConnector::default();
        let client = public(FakeDns::new(&[addresses]), connector.clone());
        let refused = client.get("https://rebound.example/", &[]);
        assert!(
            matches!(refused, Err(NetError::AddressRefused(_))),
            "{addresses:?}: {refused:?}"
        );
        assert!(connector.0.lock().unwrap().is_empty(), "{addresses:?}");
    }
}

#[test]
fn control_a_public_address_is_connected_to() {
    for (addresses, expected) in [
        (&["93.184.216.34"][..], "93.184.216.34:443"),
        (&["2606:4700::1111"], "[2606:4700::1111]:443"),
    ] {
        let connector = RecordingConnector::default();
        let client = public(FakeDns::new(&[addresses]), connector.clone());
        let failed = client.get("https://example.com/", &[]);
        assert!(matches!(failed, Err(NetError::Failed(_))), "{failed:?}");
        assert_eq!(*connector.0.lock().unwrap(), [expected.parse().unwrap()]);
    }
}

#[test]
fn a_dns_answer_that_changes_after_the_check_is_not_used() {
    let (dns, connector) = (
        FakeDns::new(&[&["93.184.216.34"], &["127.0.0.1"]]),
        RecordingConnector::default(),
    );
    let lookups = Arc::clone(&dns.lookups);
    let client = public(dns, connector.clone());
    let failed = client.get("https://rebound.example/", &[]);
    assert!(matches!(failed, Err(NetError::Failed(_))), "{failed:?}");
    assert_eq!(lookups.load(Ordering::SeqCst), 1, "resolved once per request");
    let refused = client.get("https://rebound.example/", &[]);
    assert!(matches!(refused, Err(NetError::AddressRefused(_))), "{refused:?}");
    assert_eq!(
        *connector.0.lock().unwrap(),
        ["93.184.216.34:443".parse().unwrap()]
    );
}

#[test]
fn control_requests_go_to_the_resolved_address() {
    let (base, requests) = server(ok);
    // The system does not resolve this name.
    let url = base.replace("127.0.0.1", "rebound.example");
    let loopback = |address: IpAddr| address.is_loopback();
    let dns = FakeDns::new(&[&["127.0.0.1"]]);
    let client = Client {
        agent: guard::agent_with(
            config::<OwnServer>(LIMITS),
            loopback,
            dns,
            DefaultConnector::default(),
        ),
        ..client(&url)
    };
    assert_eq!(client.get(&url, &[]).unwrap().body, b"ok");
    assert_eq!(requests.load(Ordering::SeqCst), 1);
}

#[test]
fn redirects_are_returned_and_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let (target, reached) = server(ok);
        let location = format!("{target}/");
        let sent = location.clone();
        let (base, requests) = server(move |stream| {
            write!(
                stream,
                "HTTP/1.1 {status} Moved\r\nLocation: {sent}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
        });
        // Both servers are allowed, so that only the redirect is tested.
        let client = Client::own_server(&[&base, &target], LIMITS);
        for method in ["GET", "POST"] {
            let response = client.request(method, &base, &[], "").unwrap();
            assert_eq!(response.status, status);
            assert_eq!(response.all("location"), [location.as_str()]);
        }
        assert_eq!(requests.load(Ordering::SeqCst), 2);
        assert_eq!(reached.load(Ordering::SeqCst), 0, "{status}");
        assert_eq!(
            client.get(&target, &[]).unwrap().status,
            200,
            "control: it can be reached"
        );
    }
}

#[test]
fn slow_responses_end_at_the_time_limit() {
    let drip = |head: &'static str| {
        move |stream: &mut TcpStream| {
            stream.write_all(head.as_bytes())?;
            for _ in 0..300 {
                std::thread::sleep(Duration::from_millis(50));
                stream.write_all(b"x")?;
            }
            Ok(())
        }
    };
    for head in [
        "HTTP/1.1 200 Slow",
        "HTTP/1.1 200 OK\r\nSlow: ",
        "HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n",
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
    ] {
        let (base, _) = server(drip(head));
        let started = Instant::now();
        let ended = client(&base).get(&base, &[]);
        assert!(matches!(ended, Err(NetError::TimedOut(_))), "{head:?}: {ended:?}");
        let elapsed = started.elapsed();
        assert!(elapsed < LIMITS.timeout * 3, "{head:?}: {elapsed:?}");
    }
    let (base, _) = server(|_| {
        std::thread::sleep(LIMITS.timeout * 3);
        Ok(())
    });
    let ended = client(&base).get(&base, &[]);
    assert!(matches!(ended, Err(NetError::TimedOut(_))), "silent: {ended:?}");
}

#[test]
fn large_responses_end_at_the_size_limits() {
    let filled = |head: &'static str, bytes: usize| {
        move |stream: &mut TcpStream| {
            stream.write_all(head.as_bytes())?;
            stream.write_all(&vec![b'x'; bytes])
        }
    };
    let (base, _) = server(filled("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", 1000));
    let response = client(&base).get(&base, &[]).unwrap();
    assert_eq!(response.body.len(), 1000, "control: exactly the limit");
    for (head, bytes) in [
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\nConnection: close\r\n\r\n",
            1001,
        ),
        ("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", 5_000_000),
        ("HTTP/1.1 500 No\r\nConnection: close\r\n\r\n", 1001),
        ("HTTP/1.1 200 OK\r\nLarge: ", 100_000),
    ] {
        let (base, _) = server(filled(head, bytes));
        let ended = client(&base).get(&base, &[]);
        assert!(matches!(ended, Err(NetError::TooLarge(_))), "{head:?}: {ended:?}");
    }
}

#[test]
fn doctors_client_reaches_its_own_server_only() {
    let (base, _) = server(ok);
    let (other, requests) = server(ok);
    let client = client(&format!("{base}/below"));
    assert_eq!(client.get(&format!("{base}/healthz"), &[]).unwrap().status, 200);
    for url in [
        other.as_str(),
        "https://example.com/",
        &base.replace("http:", "https:"),
        &base.replace("127.0.0.1", "localhost"),
        "http://127.0.0.1/",
    ] {
        let refused = client.get(url, &[]);
        assert!(
            matches!(refused, Err(NetError::OriginRefused(_))),
            "{url}: {refused:?}"
        );
    }
    let refused = client.get("file:///etc/passwd", &[]);
    assert!(matches!(refused, Err(NetError::SchemeRefused(_))), "{refused:?}");
    assert_eq!(requests.load(Ordering::SeqCst), 0);
}

#[test]
fn no_agent_uses_a_proxy_or_follows_a_redirect() {
    for config in [config::<PublicServers>(LIMITS), config::<OwnServer>(LIMITS)] {
        assert!(config.proxy().is_none());
        assert_eq!(config.max_redirects(), 0);
    }
    assert!(config::<PublicServers>(LIMITS).https_only());
    let default: Config = Agent::config_builder().build();
    assert_ne!(default.max_redirects(), 0, "control");
}
