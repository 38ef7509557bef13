//! The parts that all use cases share: the application context, errors, secrets, limits, admission and metrics.
//!
//! Nothing here depends on a use case. Start with [`context`], then [`error`].

mod admission;
pub mod context;
pub mod error;
pub mod events;
pub mod fair_share;
pub mod health;
pub mod metrics;
pub mod rate_limit;
pub mod secret;
pub mod secret_binding;
pub mod sign_in_limits;
pub mod system_info;

pub use context::App;
pub use error::{Error, ErrorKind};
