//! Metrics of requests, connections and jobs.
//!
//! Label values come from short lists in the program and never from a request: no address, no page, no site's name.
//! Counting never waits. The store and the limits have counters of their own; `web::metrics` shows all of them.

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

/// A group of routes and a class of status codes.
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

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct JobLabels {
    job: &'static str,
    outcome: &'static str,
}

impl JobLabels {
    fn new(job: JobName, outcome: JobOutcome) -> Self {
        Self {
            job: job.as_str(),
            outcome: outcome.as_str(),
        }
    }
}

/// The jobs of [`crate::jobs`], by their labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobName {
    /// Drops full buckets of the limits.
    SweepLimits,
    /// Purges data whose retention time is over.
    PurgeExpired,
    /// Renders comments of an older policy again.
    RerenderStale,
    /// Updates page keys of older rules.
    RekeyStale,
}

impl JobName {
    /// All names.
    pub const ALL: [Self; 4] = [
        Self::SweepLimits,
        Self::PurgeExpired,
        Self::RerenderStale,
        Self::RekeyStale,
    ];

    /// The label.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SweepLimits => "sweep_limits",
            Self::PurgeExpired => "purge_expired",
            Self::RerenderStale => "rerender_stale",
            Self::RekeyStale => "rekey_stale",
        }
    }
}

/// The outcome of a run of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobOutcome {
    /// It returned without an error.
    Succeeded,
    /// It returned an error.
    Failed,
    /// It panicked.
    Panicked,
}

impl JobOutcome {
    const ALL: [Self; 3] = [Self::Succeeded, Self::Failed, Self::Panicked];

    fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Panicked => "panicked",
        }
    }
}

/// The counters.
pub struct Metrics {
    answered: Family<ResponseLabels, Counter>,
    seconds: Family<RouteLabels, Histogram>,
    accepted: Counter,
    open: Gauge,
    refused: Family<RefusalLabels, Counter>,
    jobs: Family<JobLabels, Counter>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            answered: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(exponential_buckets(0.000_25, 2.0, 16))),
            accepted: Counter::default(),
            open: Gauge::default(),
            refused: Family::default(),
            jobs: Family::default(),
        }
    }
}

impl Metrics {
    /// Counts a response with this status, `took` after the head of its request.
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

    /// Counts an accepted connection. It counts as open until the guard is dropped.
    #[must_use]
    pub fn connected(&self) -> ConnectionGuard {
        self.accepted.inc();
        self.open.inc();
        ConnectionGuard(self.open.clone())
    }

    /// Counts a connection that was closed at once because its address has too many.
    pub fn refused(&self) {
        self.refused
            .get_or_create(&RefusalLabels { reason: "address" })
            .inc();
    }

    /// Counts a run of a job.
    pub fn job_ran(&self, job: JobName, outcome: JobOutcome) {
        self.jobs.get_or_create(&JobLabels::new(job, outcome)).inc();
    }

    /// Registers the metrics.
    pub fn register(&self, registry: &mut Registry) {
        // Present from the start, so that the first event is an increase.
        drop(self.refused.get_or_create(&RefusalLabels { reason: "address" }));
        for job in JobName::ALL {
            for outcome in JobOutcome::ALL {
                drop(self.jobs.get_or_create(&JobLabels::new(job, outcome)));
            }
        }
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
        registry.register(
            "afterword_job_runs",
            "Runs of jobs, by name and outcome",
            self.jobs.clone(),
        );
    }
}

/// An open connection. Dropping it counts it as closed.
pub struct ConnectionGuard(Gauge);

impl Drop for ConnectionGuard {
    fn drop(&mut self) {
        self.0.dec();
    }
}
