//! What is counted while the server runs: answers by group, how long they took, connections.
//!
//! Labels come from short lists in the program, never from what somebody sent: no address, no page, no site's
//! name. Counting never waits for anything. The store and the limits count for themselves; `web::metrics` shows
//! all of it.

use std::time::Duration;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};

/// A group of routes, and how its answers went.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResponseLabels {
    group: &'static str,
    class: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    group: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RefusalLabels {
    reason: &'static str,
}

/// See the module.
pub struct Metrics {
    answered: Family<ResponseLabels, Counter>,
    seconds: Family<RouteLabels, Histogram>,
    accepted: Counter,
    open: Gauge,
    refused: Family<RefusalLabels, Counter>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            answered: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(exponential_buckets(0.000_25, 2.0, 16))),
            accepted: Counter::default(),
            open: Gauge::default(),
            refused: Family::default(),
        }
    }
}

impl Metrics {
    /// A request was answered with this status after so long.
    pub fn answered(&self, group: &'static str, status: u16, took: Duration) {
        let class = match status {
            100..=199 => "1xx",
            200..=299 => "2xx",
            300..=399 => "3xx",
            400..=499 => "4xx",
            _ => "5xx",
        };
        self.answered
            .get_or_create(&ResponseLabels { group, class })
            .inc();
        self.seconds
            .get_or_create(&RouteLabels { group })
            .observe(took.as_secs_f64());
    }

    /// A connection was accepted; it is open until this is dropped.
    #[must_use]
    pub fn connected(&self) -> ConnectionGuard {
        self.accepted.inc();
        self.open.inc();
        ConnectionGuard(self.open.clone())
    }

    /// A connection was closed at once, since its address has too many.
    pub fn refused(&self) {
        self.refused
            .get_or_create(&RefusalLabels { reason: "address" })
            .inc();
    }

    /// Adds all of it to what an operator is shown.
    pub fn register(&self, registry: &mut Registry) {
        drop(self.refused.get_or_create(&RefusalLabels { reason: "address" }));
        registry.register(
            "afterword_http_requests",
            "Requests answered, by group of routes and class of status",
            self.answered.clone(),
        );
        registry.register(
            "afterword_http_request_seconds",
            "Seconds from a request's head to the head of its answer",
            self.seconds.clone(),
        );
        registry.register(
            "afterword_connections_accepted",
            "Connections accepted",
            self.accepted.clone(),
        );
        registry.register(
            "afterword_connections_open",
            "Connections open now",
            self.open.clone(),
        );
        registry.register(
            "afterword_connections_refused",
            "Connections closed at once because their address had too many",
            self.refused.clone(),
        );
    }
}

/// An open connection, as it is counted.
pub struct ConnectionGuard(Gauge);

impl Drop for ConnectionGuard {
    fn drop(&mut self) {
        self.0.dec();
    }
}
