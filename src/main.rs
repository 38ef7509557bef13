//! The program `afterword`: parses the command line, and prints one sentence on failure.

#![forbid(unsafe_code)]

use std::{io::Write as _, process::ExitCode};

use clap::Parser as _;

/// Faster than the C library's allocator, and returns memory after a peak of readers: docs/decisions/0005.
#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    match afterword::cli::run(afterword::cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            // Standard error may be closed.
            let _ = writeln!(std::io::stderr(), "afterword: {sentence}");
            ExitCode::FAILURE
        }
    }
}
