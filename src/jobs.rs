//! Background tasks: what runs by the clock and not for a request.

pub mod maintenance;
pub mod purge_clock;
pub mod supervisor;
