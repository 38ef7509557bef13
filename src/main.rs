//! The program `afterword`: parses the command line and says one clear sentence on failure.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    match afterword::cli::run(afterword::cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("afterword: {sentence}");
            ExitCode::FAILURE
        }
    }
}
