//! Background tasks: work that runs on a schedule and not for a request.
//!
//! [`maintenance`] has the jobs, and [`schedule`] runs them one after another in one task. Work that waits for other
//! servers gets a task of its own beside it. [`supervisor`] restarts tasks that end.

pub mod maintenance;
pub mod purge_clock;
pub mod schedule;
pub mod supervisor;
