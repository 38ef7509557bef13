//! The application context of use cases: store, clock, secret, limits, configuration.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio_util::sync::CancellationToken;

use super::{
    error::Error,
    metrics::Metrics,
    secret::{Purpose, Secret},
    sign_in_limits::{PasswordHashSlots, SignInLimits},
};
use crate::{
    app::{
        admission::Admission,
        events::Changes,
        fair_share::{FairQueue, PoolPermit},
        health::Health,
        rate_limit::RateLimits,
    },
    config::{Action, Config},
    model::{
        id::IdGenerator,
        network::Network,
        text::ReservedNames,
        time::{Clock, Millis},
    },
    store::Store,
};

/// Maximum number of exports that are rendered at the same time.
pub const MAX_EXPORTS_RENDERING: usize = 4;

/// Maximum number of exports that are sent at the same time. Each holds megabytes.
pub const MAX_EXPORTS_SENDING: usize = 16;

/// Maximum time that an export waits for its turn. A whole request has ten seconds.
pub const EXPORT_TURN_TIMEOUT: Duration = Duration::from_secs(3);

/// Bytes of comments that one read covers. A larger response counts as one more read for each further so many bytes.
const BYTES_PER_READ: usize = 32 * 1024;

/// The application. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// See [`App`].
pub struct Inner {
    /// The database.
    pub store: Store,
    /// The configuration.
    pub config: Config,
    /// The comment origin, without a slash at the end.
    pub base_url: String,
    /// The clock.
    pub clock: Clock,
    /// The source of ids.
    pub ids: IdGenerator,
    /// The root of all tokens.
    pub secret: Secret,
    /// The rate limits.
    pub limits: RateLimits,
    /// The metrics.
    pub metrics: Metrics,
    /// The start time of the program.
    pub started: Millis,
    /// The limits of sign-in attempts.
    pub sign_ins: SignInLimits,
    /// The slots for password hashes.
    pub hashing: PasswordHashSlots,
    /// The queue for rendering exports. Each takes a core and megabytes.
    pub exports: FairQueue,
    /// The permits for sending exports. Each holds megabytes.
    pub exports_sent: Arc<tokio::sync::Semaphore>,
    /// Cancelled when the server stops. Work without an end of its own ends then.
    pub stopping: CancellationToken,
    /// Cancelled by a second signal to stop: connections are cut off.
    pub cutting: CancellationToken,
    /// The health of tasks and of the database.
    pub health: Health,
    admission: Admission,
    /// The reserved names as of the last comment. `service::accounts::directory::reserved_names` updates them when
    /// accounts have changed.
    pub(crate) reserved_names: Mutex<Arc<ReservedNames>>,
    /// The changes of threads on this server.
    pub changes: Arc<Changes>,
}

impl std::ops::Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    /// Makes the context, and subscribes to the commits of the store.
    #[must_use]
    pub fn new(config: Config, store: Store, secret: Secret, clock: Clock) -> Self {
        let mut offset = [0];
        // Without randomness, ids of two nodes collide more often, and the units of work are repeated.
        let _ = getrandom::fill(&mut offset);
        let changes = Arc::new(Changes::default());
        let listener = Arc::clone(&changes);
        store.on_commit(move |committed| listener.apply(committed));
        Self(Arc::new(Inner {
            store,
            base_url: config.base_url(),
            started: clock.now(),
            clock,
            ids: IdGenerator::starting_at(offset[0]),
            secret,
            limits: RateLimits::new(&config),
            metrics: Metrics::default(),
            sign_ins: SignInLimits::new(config.limit(Action::Login)),
            hashing: PasswordHashSlots::default(),
            exports: FairQueue::new(MAX_EXPORTS_RENDERING, EXPORT_TURN_TIMEOUT),
            exports_sent: Arc::new(tokio::sync::Semaphore::new(MAX_EXPORTS_SENDING)),
            stopping: CancellationToken::new(),
            cutting: CancellationToken::new(),
            health: Health::default(),
            admission: Admission::new(),
            reserved_names: Mutex::default(),
            changes,
            config,
        }))
    }

    /// Admits a writer until the permit is dropped ([`crate::app::admission`]).
    ///
    /// # Errors
    /// `busy` if too many write.
    pub fn admit(&self, client: &Client) -> Result<PoolPermit, Error> {
        self.admission.admit(client.network)
    }

    /// Runs `work` that renders a text of `bytes` bytes ([`crate::app::admission`]).
    ///
    /// # Errors
    /// `busy` if too many bytes wait; `internal` if the work panicked.
    pub async fn run_cpu_bound<T: Send + 'static>(
        &self,
        bytes: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        self.admission.run_cpu_bound(bytes, bytes, work).await
    }

    /// Counts further reads of a client for a response with `bytes` bytes of comments, if it is long.
    ///
    /// # Errors
    /// `rate_limited` with the seconds to wait.
    pub fn charge_read(&self, client: &Client, bytes: usize) -> Result<(), Error> {
        let further = u32::try_from(bytes / BYTES_PER_READ).unwrap_or(u32::MAX);
        self.limits.charge(Action::Read, client.network, further)
    }

    /// Runs `work` that renders or compresses a response with `bytes` bytes of comments, and takes as long as rendering
    /// `effort` bytes of text. The client is charged by [`App::charge_read`].
    ///
    /// # Errors
    /// `rate_limited` with the seconds to wait; `busy` if too many bytes wait; `internal` if the work panicked.
    pub async fn run_cpu_bound_read<T: Send + 'static>(
        &self,
        client: &Client,
        bytes: usize,
        effort: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        self.charge_read(client, bytes)?;
        self.admission.run_cpu_bound(bytes, effort, work).await
    }

    /// Runs long work (hashing, exporting) on the blocking pool.
    ///
    /// # Errors
    /// `internal` if the work panicked.
    pub async fn run_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)
    }
}

/// The client of a request, as limits and votes distinguish clients.
#[derive(Clone, Debug)]
pub struct Client {
    /// The network that the client address belongs to: an IPv4 address or an IPv6 /64.
    pub network: Network,
}

impl Client {
    /// The keyed hash of the network. It is stored with comments until its retention time is over.
    #[must_use]
    pub fn address_key(&self, app: &App) -> String {
        app.secret.key(Purpose::Address, &[&self.network.to_string()])
    }

    /// The keyed hash of the widest prefix around the address. It is stored with votes until its retention time is
    /// over.
    #[must_use]
    pub fn vote_key(&self, app: &App) -> String {
        let widest = self.network.widest().to_string();
        app.secret.key(Purpose::Address, &[&widest])
    }
}
