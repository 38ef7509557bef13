//! The configuration: defaults < file < environment < flags.
//!
//! [`Config`] holds the typed values; [`settings`] is the table of all keys with their documentation, used by the
//! file, the environment (`AFTERWORD_LIMITS_POST` is `limits.post`), `--set key=value` and `afterword config`. A
//! secret can be read from a file: `AFTERWORD_SECRET_FILE=/run/secrets/x`. Unknown keys are errors with a suggestion,
//! except for variables that Kubernetes and Docker set automatically ([`service_links`]).

mod limits;
mod load;
mod log_filter;
mod service_links;
mod settings;
mod values;

pub use values::Config;

pub use limits::{Action, Rate, RateLimit};
pub use load::{Loaded, Source, load};
pub use settings::{SETTINGS, Setting};
