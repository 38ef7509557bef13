//! The schedule of jobs: jobs run at their times, and a job that fails or panics stops no other.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use afterword::{
    app::{
        App, Error, ErrorKind,
        metrics::{JobName, JobOutcome},
    },
    jobs::schedule::{self, Job, Timing},
};
use futures_util::{FutureExt as _, future::BoxFuture};

use super::support::{http::send, server::TestServer};

/// The names of the jobs that ran, in order, with the time of each run.
type Runs = Arc<Mutex<Vec<(JobName, Instant)>>>;

/// A job that records its runs, and then ends as `outcome` says.
struct Recorded {
    name: JobName,
    timing: Timing,
    outcome: JobOutcome,
    runs: Runs,
}

impl Job for Recorded {
    fn name(&self) -> JobName {
        self.name
    }

    fn timing(&self) -> Timing {
        self.timing
    }

    fn run<'a>(&'a mut self, _: &'a App) -> BoxFuture<'a, Result<(), Error>> {
        async {
            self.runs.lock().unwrap().push((self.name, Instant::now()));
            match self.outcome {
                JobOutcome::Succeeded => Ok(()),
                JobOutcome::Failed => Err(ErrorKind::Busy.into()),
                JobOutcome::Panicked => panic!("a job, on purpose"),
            }
        }
        .boxed()
    }
}

fn count(runs: &Runs, name: JobName) -> usize {
    runs.lock()
        .unwrap()
        .iter()
        .filter(|(run, _)| *run == name)
        .count()
}

fn counted(server: &TestServer, job: JobName, outcome: &str) -> u64 {
    let name = format!(
        "afterword_job_runs_total{{job=\"{}\",outcome=\"{outcome}\"}} ",
        job.as_str()
    );
    let text = send(server.metrics, "GET", "/metrics", &[], b"").text();
    let value = text.lines().find_map(|line| line.strip_prefix(name.as_str()));
    value
        .unwrap_or_else(|| panic!("no {name} in {text}"))
        .parse()
        .unwrap()
}

/// Runs a schedule until `done`, for at most ten seconds. Returns whether it was done in time.
fn run_until(server: &TestServer, jobs: Vec<Box<dyn Job>>, done: impl Fn() -> bool) -> bool {
    let app = server.app.clone();
    server.run(async {
        let schedule = tokio::spawn(schedule::run(app, jobs));
        let start = Instant::now();
        while !done() && start.elapsed() < Duration::from_secs(10) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert!(!schedule.is_finished(), "it runs for as long as the server");
        schedule.abort();
        let _ = schedule.await;
    });
    done()
}

#[test]
fn a_job_that_fails_or_panics_stops_no_other() {
    for outcome in [JobOutcome::Failed, JobOutcome::Panicked, JobOutcome::Succeeded] {
        let (server, runs) = (TestServer::start(), Runs::default());
        let job = |name, timing, outcome| -> Box<dyn Job> {
            Box::new(Recorded {
                name,
                timing,
                outcome,
                runs: Arc::clone(&runs),
            })
        };
        let every = Timing::Every(Duration::from_millis(20));
        let jobs = vec![
            job(JobName::RerenderStale, Timing::AtStart, outcome),
            job(JobName::RekeyStale, Timing::AtStart, JobOutcome::Succeeded),
            job(JobName::SweepLimits, every, outcome),
            job(JobName::PurgeExpired, every, JobOutcome::Succeeded),
        ];
        let done = || JobName::ALL[..2].iter().all(|name| count(&runs, *name) >= 3);
        assert!(run_until(&server, jobs, done), "{outcome:?}: {runs:?}");
        let first: Vec<JobName> = runs
            .lock()
            .unwrap()
            .iter()
            .take(4)
            .map(|(name, _)| *name)
            .collect();
        assert_eq!(
            first,
            [
                JobName::RerenderStale,
                JobName::RekeyStale,
                JobName::SweepLimits,
                JobName::PurgeExpired
            ],
            "those at start first, then in the order of the list"
        );
        assert_eq!(count(&runs, JobName::RerenderStale), 1);
        assert_eq!(count(&runs, JobName::RekeyStale), 1);
        let label = match outcome {
            JobOutcome::Succeeded => "succeeded",
            JobOutcome::Failed => "failed",
            JobOutcome::Panicked => "panicked",
        };
        assert_eq!(counted(&server, JobName::RerenderStale, label), 1);
        assert_eq!(
            counted(&server, JobName::SweepLimits, label),
            count(&runs, JobName::SweepLimits) as u64
        );
        assert_eq!(counted(&server, JobName::PurgeExpired, "failed"), 0);
        assert_eq!(counted(&server, JobName::PurgeExpired, "panicked"), 0);
        assert_eq!(server.get("/healthz").status, 200, "the task did not end");
    }
}

#[test]
fn jobs_keep_their_intervals() {
    let (server, runs) = (TestServer::start(), Runs::default());
    let job = |name, millis| -> Box<dyn Job> {
        Box::new(Recorded {
            name,
            timing: Timing::Every(Duration::from_millis(millis)),
            outcome: JobOutcome::Succeeded,
            runs: Arc::clone(&runs),
        })
    };
    let start = Instant::now();
    let jobs = vec![
        job(JobName::SweepLimits, 30),
        job(JobName::PurgeExpired, 300),
        job(JobName::RekeyStale, 3_600_000),
    ];
    assert!(run_until(&server, jobs, || count(&runs, JobName::PurgeExpired) >= 3));
    assert_eq!(count(&runs, JobName::RekeyStale), 0);
    assert!(count(&runs, JobName::SweepLimits) > count(&runs, JobName::PurgeExpired));
    for (name, interval) in [(JobName::SweepLimits, 30), (JobName::PurgeExpired, 300)] {
        let mut last = start;
        for (_, at) in runs.lock().unwrap().iter().filter(|(run, _)| *run == name) {
            let elapsed = at.duration_since(last);
            assert!(
                elapsed >= Duration::from_millis(interval),
                "{name:?}: {elapsed:?}"
            );
            last = *at;
        }
    }
}
