//! What a use case may touch: the store, the clock, the secret, the limits, the configuration.

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

/// Answers that are made at the same time.
pub const MAX_EXPORTS_RENDERING: usize = 4;

/// Answers that are sent at the same time: each holds megabytes.
pub const MAX_EXPORTS_SENDING: usize = 16;

/// How long one more waits for its turn; a request as a whole has ten seconds.
pub const EXPORT_TURN_TIMEOUT: Duration = Duration::from_secs(3);

/// Bytes of comments that are rendered for one read; each further so many count as one read more.
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
    /// The limits.
    pub limits: RateLimits,
    /// What is counted.
    pub metrics: Metrics,
    /// When the program started.
    pub started: Millis,
    /// How often somebody may try to sign in.
    pub sign_ins: SignInLimits,
    /// Password hashes in flight.
    pub hashing: PasswordHashSlots,
    /// Exports that are made: each takes a core and megabytes.
    pub exports: FairQueue,
    /// Exports that are sent: each holds megabytes.
    pub exports_sent: Arc<tokio::sync::Semaphore>,
    /// Ends when the server stops: what would last for ever must end with it.
    pub stopping: CancellationToken,
    /// Ends when the server is told to stop once more: what is in hand is cut off.
    pub cutting: CancellationToken,
    /// Whether the server can do its work.
    pub health: Health,
    gate: Admission,
    /// The reserved names as of the last comment; `people::reserved_names` makes them again when people changed.
    pub(crate) reserved_names: Mutex<Arc<ReservedNames>>,
    /// Which threads changed, as far as this server knows.
    pub changes: Arc<Changes>,
}

impl std::ops::Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    /// Puts it together, and follows what the store commits.
    #[must_use]
    pub fn new(config: Config, store: Store, secret: Secret, clock: Clock) -> Self {
        let mut offset = [0];
        // Without randomness two nodes only clash more often, and try again.
        let _ = getrandom::fill(&mut offset);
        let changes = Arc::new(Changes::default());
        let told = Arc::clone(&changes);
        store.on_commit(move |committed| told.apply(committed));
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
            gate: Admission::new(),
            reserved_names: Mutex::default(),
            changes,
            config,
        }))
    }

    /// Lets one more writer in, until what it gets is dropped ([`crate::app::admission`]). Errors: `busy`.
    pub fn admit(&self, client: &Client) -> Result<PoolPermit, Error> {
        self.gate.admit(client.network)
    }

    /// Renders a text of this many bytes ([`crate::app::admission`]).
    pub async fn run_cpu_bound<T: Send + 'static>(
        &self,
        bytes: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        self.gate.run_cpu_bound(bytes, bytes, work).await
    }

    /// Counts a read of so many bytes of comments as several of the client's where it is long. Errors: `rate_limited`.
    pub fn charge_read(&self, client: &Client, bytes: usize) -> Result<(), Error> {
        let further = u32::try_from(bytes / BYTES_PER_READ).unwrap_or(u32::MAX);
        self.limits.charge(Action::Read, client.network, further)
    }

    /// Renders or compresses for a reader what the database gave: `bytes` of comments, as much work as rendering
    /// `effort` bytes of text. Charged by [`App::charge_read`]. Errors: `rate_limited`, `busy`.
    pub async fn run_cpu_bound_read<T: Send + 'static>(
        &self,
        client: &Client,
        bytes: usize,
        effort: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        self.charge_read(client, bytes)?;
        self.gate.run_cpu_bound(bytes, effort, work).await
    }

    /// Runs work that takes a while (hashing, exporting) on the blocking pool.
    pub async fn run_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)
    }
}

/// Who asks, as far as limits and votes need to know.
#[derive(Clone, Debug)]
pub struct Client {
    /// The network that the client address belongs to: an IPv4 address or an IPv6 /64.
    pub network: Network,
}

impl Client {
    /// The keyed hash of the address, as it is stored for a while.
    #[must_use]
    pub fn address_key(&self, app: &App) -> String {
        app.secret.key(Purpose::Address, &[&self.network.to_string()])
    }

    /// The keyed hash of the widest prefix around the address, as it is stored for a while beside votes.
    #[must_use]
    pub fn vote_key(&self, app: &App) -> String {
        let widest = self.network.widest().to_string();
        app.secret.key(Purpose::Address, &[&widest])
    }
}
