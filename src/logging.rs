//! The log: a bounded queue, and one thread that writes its lines to standard error.
//!
//! Logging never fails, never panics and blocks at most briefly. While lines cannot be written (a full disk, a closed
//! pipe, a pipe without a reader) they wait in the queue; lines that do not fit are dropped and counted, and the log
//! reports their number once it can be written again. A panic of any thread is logged as well.

use std::{
    collections::VecDeque,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError},
    thread::{self, ThreadId},
    time::{Duration, Instant},
};

use tracing_subscriber::{
    Layer as _, filter::Targets, fmt::MakeWriter, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

/// Capacity of the queue, in bytes of lines.
const QUEUE_BYTES: usize = 1024 * 1024;
/// Maximum wait of the caller for its line to be written, so that the log of a killed process is complete. After one
/// timeout no caller waits until all lines are written.
const HANDOVER_TIMEOUT: Duration = Duration::from_millis(20);
/// Delay before a failed write is retried.
const RETRY_INTERVAL: Duration = Duration::from_millis(250);
/// Maximum wait for the last lines at the end of the program.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

/// The process's log, once started; for the metric.
static LOGGER: OnceLock<Log> = OnceLock::new();

/// Writes the remaining lines when dropped, for a second at most.
pub struct FlushOnDrop(());

impl Drop for FlushOnDrop {
    fn drop(&mut self) {
        if let Some(log) = LOGGER.get() {
            log.flush(FLUSH_TIMEOUT);
        }
    }
}

/// Logs events that pass the filter, and all panics, to standard error as text or JSON.
///
/// # Errors
/// A sentence with the setting at fault.
pub fn start(filter: &str, json: bool) -> Result<FlushOnDrop, String> {
    let targets: Targets = filter
        .parse()
        .map_err(|error| format!("log: “{filter}” is not a filter: {error}"))?;
    let notice = |dropped| tracing::warn!(dropped, "log lines were dropped, as they could not be written");
    let log = Log::to(io::stderr(), notice).map_err(|error| format!("cannot start the log: {error}"))?;
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(log.clone())
        // Written to standard error by a macro that panics if it cannot write.
        .log_internal_errors(false)
        .with_target(false);
    let layer = if json {
        layer.json().boxed()
    } else {
        layer.with_ansi(false).boxed()
    };
    let subscriber = tracing_subscriber::registry().with(layer.with_filter(targets));
    subscriber
        .try_init()
        .map_err(|error| format!("cannot start the log: {error}"))?;
    // A second log is refused above.
    let _ = LOGGER.set(log);
    std::panic::set_hook(Box::new(|panic| {
        let thread = thread::current();
        tracing::error!(
            thread = thread.name().unwrap_or("unnamed"),
            at = panic.location().map(tracing::field::display),
            panic = panic.payload_as_str().unwrap_or_default(),
            "a thread panicked"
        );
    }));
    Ok(FlushOnDrop(()))
}

/// Number of lines dropped since the program started.
#[must_use]
pub fn dropped_lines() -> u64 {
    LOGGER.get().map_or(0, |log| log.0.lock().dropped)
}

/// The sending end of the queue. Cheap to clone.
#[derive(Clone)]
struct Log(Arc<Queue>);

#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    added: Condvar,
    written: Condvar,
    writer: OnceLock<ThreadId>,
}

#[derive(Default)]
struct State {
    lines: VecDeque<Vec<u8>>,
    /// Bytes of the lines in the queue, including the line being written.
    bytes: usize,
    /// Total lines taken, and total lines written.
    pushed: u64,
    written: u64,
    dropped: u64,
    /// True if the last write failed.
    failing: bool,
    /// True if lines are not written at once: callers do not wait.
    behind: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_failing(&self, failing: bool) {
        let mut state = self.lock();
        state.failing = failing;
        if failing {
            state.behind = true;
            self.written.notify_all();
        }
    }

    /// Takes the next line; blocks until there is one.
    fn next(&self) -> Vec<u8> {
        let mut state = self.lock();
        loop {
            match state.lines.pop_front() {
                Some(line) => return line,
                None => state = self.added.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// Removes a written line of `bytes` bytes. Returns the number of lines dropped so far if there is room to report
    /// it.
    fn done(&self, bytes: usize) -> Option<u64> {
        let mut state = self.lock();
        state.bytes -= bytes;
        state.written += 1;
        if state.lines.is_empty() {
            state.behind = false;
        }
        self.written.notify_all();
        (state.bytes < QUEUE_BYTES / 2).then_some(state.dropped)
    }
}

impl Log {
    /// Starts the writing thread. `notice` logs the number of lines dropped so far.
    fn to(
        mut out: impl io::Write + Send + 'static,
        notice: impl Fn(u64) + Send + 'static,
    ) -> io::Result<Self> {
        let queue = Arc::<Queue>::default();
        let shared = Arc::clone(&queue);
        let run = move || {
            let _ = shared.writer.set(thread::current().id());
            write_lines(&shared, &mut out, &notice);
        };
        thread::Builder::new().name("log".to_owned()).spawn(run)?;
        Ok(Self(queue))
    }

    fn push(&self, line: &[u8]) {
        let mut state = self.0.lock();
        if state.bytes + line.len() > QUEUE_BYTES {
            state.dropped += 1;
            return;
        }
        state.bytes += line.len();
        state.pushed += 1;
        let own = state.pushed;
        state.lines.push_back(line.to_vec());
        self.0.added.notify_one();
        if state.behind || self.0.writer.get() == Some(&thread::current().id()) {
            return;
        }
        let waits = |state: &mut State| state.written < own && !state.behind;
        let waited = self.0.written.wait_timeout_while(state, HANDOVER_TIMEOUT, waits);
        let (mut state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            state.behind = true;
            self.0.written.notify_all();
        }
    }

    /// Waits until all lines are written, no longer than the time given; a writer that fails gets one more try.
    fn flush(&self, timeout: Duration) {
        let began = Instant::now();
        let waits = |state: &State| {
            state.bytes > 0 && (!state.failing || began.elapsed() < RETRY_INTERVAL + RETRY_INTERVAL / 2)
        };
        while waits(&self.0.lock()) && began.elapsed() < timeout {
            thread::sleep(Duration::from_millis(2));
        }
    }
}

impl io::Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn write_lines(queue: &Queue, out: &mut impl io::Write, notice: &impl Fn(u64)) {
    let mut reported = 0;
    loop {
        let line = queue.next();
        // A panic loses its line, not the log.
        let _ = catch_unwind(AssertUnwindSafe(|| write_line(out, &line, queue)));
        if let Some(dropped) = queue.done(line.len())
            && dropped > reported
        {
            reported = dropped;
            notice(dropped);
        }
    }
}

/// Writes a whole line, and retries as long as necessary: a started line is always completed.
fn write_line(out: &mut impl io::Write, line: &[u8], queue: &Queue) {
    let mut rest = line;
    while !rest.is_empty() {
        match out.write(rest) {
            Ok(written) if written > 0 => {
                rest = &rest[written..];
                queue.set_failing(false);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
            Ok(_) | Err(_) => {
                queue.set_failing(true);
                thread::sleep(RETRY_INTERVAL);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// A file on a disk that is full until the test changes that; it takes three bytes per write.
    #[derive(Clone, Default)]
    struct Disk(Arc<Mutex<(bool, Vec<u8>)>>);

    impl Disk {
        fn set_room(&self, room: bool) {
            self.0.lock().unwrap().0 = room;
        }

        fn text(&self) -> String {
            let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            String::from_utf8(taken.1.clone()).unwrap()
        }
    }

    impl io::Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut disk = self.0.lock().unwrap();
            if !disk.0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            let taken = &bytes[..bytes.len().min(3)];
            disk.1.extend_from_slice(taken);
            Ok(taken.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn wait(what: &str, until: impl Fn() -> bool) {
        let began = Instant::now();
        while !until() {
            assert!(began.elapsed() < Duration::from_secs(10), "{what}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn at_the_end_a_writer_that_failed_tries_once_more() {
        let disk = Disk::default();
        let log = Log::to(disk.clone(), |_| ()).unwrap();
        log.push(b"begun\n");
        wait("it notices", || log.0.lock().failing);
        disk.set_room(true);
        log.flush(Duration::from_secs(30));
        assert_eq!(disk.text(), "begun\n");
    }

    #[test]
    fn a_full_disk_costs_no_line_that_the_queue_can_hold() {
        let disk = Disk::default();
        let log = Log::to(disk.clone(), |_| ()).unwrap();
        for n in 0..100 {
            log.push(format!("line {n}\n").as_bytes());
        }
        wait("it notices", || log.0.lock().failing);
        log.flush(Duration::from_secs(30));
        assert_eq!(disk.text(), "", "control: nothing could be written");
        disk.set_room(true);
        wait("all is written", || log.0.lock().bytes == 0);
        let wanted: String = (0..100).map(|n| format!("line {n}\n")).collect();
        assert_eq!(disk.text(), wanted, "each once, whole and in order");
        assert_eq!(log.0.lock().dropped, 0);
    }

    #[test]
    fn lines_that_do_not_fit_are_dropped_counted_and_reported() {
        let (disk, reported) = (Disk::default(), Arc::new(AtomicU64::new(0)));
        let notice = Arc::clone(&reported);
        let log = Log::to(disk.clone(), move |dropped| {
            notice.store(dropped, Ordering::Release)
        })
        .unwrap();
        let line = vec![b'x'; 1_000];
        let began = Instant::now();
        for _ in 0..3_000 {
            log.push(&line);
        }
        assert!(began.elapsed() < Duration::from_secs(2), "nobody waits");
        let dropped = log.0.lock().dropped;
        assert_eq!(dropped, 3_000 - (QUEUE_BYTES / 1_000) as u64);
        assert_eq!(reported.load(Ordering::Acquire), 0, "nothing can be said yet");
        disk.set_room(true);
        wait("the log says how many", || {
            reported.load(Ordering::Acquire) == dropped
        });
        wait("what waited is written", || {
            disk.text().len() == QUEUE_BYTES / 1_000 * 1_000
        });
        log.push(&vec![b'x'; QUEUE_BYTES + 1]);
        assert_eq!(log.0.lock().dropped, dropped + 1, "a line beyond all bounds");
    }

    #[test]
    fn callers_wait_only_for_lines_that_can_be_written() {
        let disk = Disk::default();
        disk.set_room(true);
        let log = Log::to(disk.clone(), |_| ()).unwrap();
        log.push(b"1\n");
        assert_eq!(disk.text(), "1\n", "it is there when the call returns");
        // The disk hangs: a held lock blocks the writer.
        let hangs = disk.0.lock().unwrap();
        let began = Instant::now();
        for _ in 0..200 {
            log.push(b"later\n");
        }
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
        drop(hangs);
        wait("all is written", || log.0.lock().bytes == 0);
        assert_eq!(disk.text().lines().count(), 201);
    }

    #[test]
    fn a_panic_while_writing_does_not_end_the_log() {
        struct Panicking(Disk, bool);
        impl io::Write for Panicking {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                assert!(std::mem::replace(&mut self.1, true), "on purpose");
                self.0.write(bytes)
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let disk = Disk::default();
        disk.set_room(true);
        let log = Log::to(Panicking(disk.clone(), false), |_| ()).unwrap();
        log.push(b"lost\n");
        log.push(b"written\n");
        wait("the next line is written", || disk.text() == "written\n");
    }
}
