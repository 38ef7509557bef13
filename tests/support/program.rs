//! The program, started as an operator starts it, in its own folder.

use std::{
    io::{BufRead as _, BufReader},
    net::{SocketAddr, TcpListener},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use super::http::{Answer, send};

/// The program without any configuration.
pub fn command(folder: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_afterword"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AFTERWORD_")) {
        command.env_remove(name);
    }
    command.current_dir(folder);
    command
}

pub fn run(folder: &std::path::Path, args: &[&str]) -> Output {
    command(folder).args(args).stdin(Stdio::null()).output().unwrap()
}

/// Standard output and standard error of a command, as one text.
pub fn output_text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// A running server; killed on drop.
pub struct Server {
    pub child: Child,
    pub address: SocketAddr,
    pub greeting: Vec<String>,
}

/// An address without a listener.
pub fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

impl Server {
    /// Starts with no configuration but a free port, and reads the output up to the setup link.
    pub fn start(folder: &std::path::Path) -> Self {
        Self::launch(folder, free_address(), &[], "Setup")
    }

    /// Starts at an address with the given flags; with an existing owner there is no setup link.
    pub fn at(folder: &std::path::Path, address: SocketAddr, flags: &[&str]) -> Self {
        Self::launch(folder, address, flags, "Afterword")
    }

    fn launch(folder: &std::path::Path, address: SocketAddr, flags: &[&str], last: &str) -> Self {
        let mut child = command(folder)
            .env("AFTERWORD_LISTEN", address.to_string())
            .args(flags)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut greeting = Vec::new();
        while greeting
            .last()
            .is_none_or(|line: &String| !line.starts_with(last))
        {
            match lines.next() {
                Some(line) => greeting.push(line.unwrap()),
                None => break,
            }
        }
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            address,
            greeting,
        }
    }

    pub fn get(&self, path: &str) -> Answer {
        send(self.address, "GET", path, &[], b"")
    }

    pub fn stop(mut self) -> (std::process::ExitStatus, Duration) {
        let started = Instant::now();
        Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .unwrap();
        (self.child.wait().unwrap(), started.elapsed())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
