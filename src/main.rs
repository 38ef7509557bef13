//! The program `afterword`: parses the command line and says one clear sentence on failure.

#![forbid(unsafe_code)]

use std::{io::Write as _, process::ExitCode};

use clap::Parser as _;

/// Quicker than the C library's, and gives back what a rush of readers needed: docs/decisions/0005.
#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    match afterword::cli::run(afterword::cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            // Whether anybody hears it or not.
            let _ = writeln!(std::io::stderr(), "afterword: {sentence}");
            ExitCode::FAILURE
        }
    }
}
