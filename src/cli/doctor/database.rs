//! Checks the database: it opens, is intact, has this program's schema, and keeps acknowledged writes.

use super::{super::open, finding::Findings};
use crate::{
    config::Config,
    model::{
        site::DEMO_SITE,
        time::{Clock, DAY, EARLIEST_VALID, Millis, SECOND},
    },
    store::{
        self, Options,
        inspect::{self, InspectedContent, Inspection},
    },
};

/// Maximum difference of two clocks, in seconds.
const MAX_CLOCK_DIFFERENCE_SECONDS: i64 = 5;
/// Maximum seconds that a row may be in the future: ids of a busy moment borrow from the next milliseconds.
const MAX_AHEAD_SECONDS: i64 = 60;

/// Milliseconds since the last use of the database after which its clock or this one is doubted.
const UNUSED_AFTER_MS: i64 = 7 * DAY;

/// Checks the database; returns what could be read from it.
pub(super) fn check(config: &Config, findings: &mut Findings) -> Option<InspectedContent> {
    let options = Options {
        ca_file: config.database_ca.clone(),
        ..Options::default()
    };
    let postgres = store::is_postgres(&config.database);
    let found = match inspect::inspect(&config.database, &config.data, &options) {
        Ok(found) => found,
        Err(error) => {
            let fix = if postgres {
                "start PostgreSQL, and check AFTERWORD_DATABASE: host, user, password, sslmode"
            } else {
                "start Afterword once, which makes it; run doctor with the same configuration and as the same user"
            };
            findings.error("database", error, fix);
            return None;
        }
    };
    schema(&found, findings);
    match found.integrity.as_deref() {
        None => (),
        Some("ok") => findings.ok("integrity", "SQLite finds the file whole"),
        Some(wrong) => findings.error(
            "integrity",
            format!("the file is damaged: {}", wrong.replace('\n', "; ")),
            "stop Afterword, keep a copy of the file with its -wal, restore the newest backup, and look at the disk",
        ),
    }
    durability(&found, findings);
    clock(&found, Clock::system().now(), findings);
    if postgres && config.secret.is_empty() {
        findings.warning(
            "secret",
            "the secret lies on this machine only",
            "if other nodes share the database, give all of them the same AFTERWORD_SECRET",
        );
    }
    if let Some(content) = &found.content {
        secret(config, content.secret, findings);
        people_and_sites(content, findings);
    }
    found.content
}

fn schema(found: &Inspection, findings: &mut Findings) {
    let known = found.known;
    match found.schema {
        Some(version) if version == known => {
            findings.ok("database", format!("it opens; its schema is {version}"))
        }
        Some(version) if version > known => findings.error(
            "database",
            format!("its schema is {version}, and this program knows up to {known}"),
            "run a newer Afterword, or restore a backup made before the upgrade",
        ),
        Some(version) => findings.warning(
            "database",
            format!("its schema is {version}, this program’s is {known}"),
            "make a backup, then start this Afterword: it migrates the database",
        ),
        None => findings.warning(
            "database",
            "it is empty",
            "start Afterword, which makes its tables",
        ),
    }
}

fn durability(found: &Inspection, findings: &mut Findings) {
    let mut lasting = true;
    for (name, value) in &found.settings {
        let (good, fix) = match *name {
            "journal_mode" => (value == "wal", "start Afterword, which sets it".to_owned()),
            "synchronous_commit" => (
                value != "off",
                "set synchronous_commit = on in PostgreSQL, for this database or for all".to_owned(),
            ),
            _ => (
                value == "on",
                format!("set {name} = on in postgresql.conf and reload"),
            ),
        };
        if !good {
            lasting = false;
            let message = format!("{name} is {value}: comments that were acknowledged can be lost");
            findings.error("durability", message, fix);
        }
    }
    if lasting {
        findings.ok("durability", "what is acknowledged stays after a power cut");
    }
}

fn clock(found: &Inspection, now: Millis, findings: &mut Findings) {
    let fix = "let a time service (systemd-timesyncd, chrony) set the clock";
    let apart = found.clock.map_or(0, |clock| now.since(clock) / SECOND);
    let newest = found.content.as_ref().and_then(|content| content.newest);
    let ahead = newest.map_or(0, |newest| newest.since(now) / SECOND);
    let purge_clock = found.content.as_ref().and_then(|content| content.purge_clock);
    let unused = purge_clock.map_or(0, |used| now.since(used));
    if now < EARLIEST_VALID {
        findings.error("clock", "this clock is not set: it stands before 2026", fix);
    } else if ahead > MAX_AHEAD_SECONDS {
        findings.error(
            "clock",
            format!("the newest row of the database is {ahead} seconds in this clock’s future"),
            format!(
                "{fix}; if this clock is right, the row was written by one that was not: new comments keep their right times and stand behind it"
            ),
        );
    } else if unused > UNUSED_AFTER_MS {
        findings.warning(
            "clock",
            format!(
                "this clock is {} days ahead of the time that the database was last used at",
                unused / DAY
            ),
            format!("if it is wrong, {fix}; if no server ran for so long, there is nothing to do: what is due is forgotten within hours after the start"),
        );
    } else if apart.abs() > MAX_CLOCK_DIFFERENCE_SECONDS {
        findings.warning(
            "clock",
            format!("this clock and PostgreSQL’s are {} seconds apart", apart.abs()),
            fix,
        );
    } else {
        findings.ok("clock", "the clock agrees with the database");
    }
}

/// Checks that the secret exists, can be read, and is the one that the database is bound to.
fn secret(config: &Config, wanted: Option<i64>, findings: &mut Findings) {
    match (open::existing_secret(config), wanted) {
        (Err(error), _) => findings.error("secret", error, open::LOST_SECRET),
        (Ok(None), Some(_)) => findings.error(
            "secret",
            format!("{} is missing", open::secret_file(config).display()),
            open::LOST_SECRET,
        ),
        (Ok(Some(secret)), Some(wanted)) if secret.fingerprint() != wanted => findings.error(
            "secret",
            "the secret is not the one that the database belongs to",
            open::LOST_SECRET,
        ),
        (Ok(_), _) => findings.ok("secret", "the secret is the one that the database belongs to"),
    }
}

fn people_and_sites(content: &InspectedContent, findings: &mut Findings) {
    if content.has_owner {
        findings.ok("owner", "somebody can sign in as owner");
    } else {
        findings.warning(
            "owner",
            "nobody can sign in as owner",
            "open the setup link that Afterword prints when it starts, or run `afterword admin create NAME --password-stdin`",
        );
    }
    let real = content
        .sites
        .iter()
        .filter(|site| site.name.as_str() != DEMO_SITE)
        .count();
    if real > 0 {
        findings.ok("sites", format!("registered sites: {real}"));
        if content.sites.len() > real {
            findings.warning(
                "demo",
                "the demo is over, and its site with its comments is still stored",
                "`afterword site remove demo`",
            );
        }
    } else if content.sites.is_empty() {
        findings.warning(
            "sites",
            "no site is registered, so nobody can comment",
            "`afterword site add NAME --origin https://…`",
        );
    } else {
        findings.warning(
            "sites",
            "only the demo is there, and it is shown on the first page",
            "`afterword site add NAME --origin https://…`, which ends the demo",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::{super::finding::Level, *};

    fn found(settings: &[(&'static str, &str)], clock: Option<i64>) -> Inspection {
        Inspection {
            schema: Some(2),
            known: 2,
            integrity: None,
            settings: settings
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()))
                .collect(),
            clock: clock.map(Millis),
            content: None,
        }
    }

    fn level(judge: impl FnOnce(&mut Findings)) -> Level {
        let mut findings = Findings::default();
        judge(&mut findings);
        findings.levels()[0].1
    }

    #[test]
    fn a_commit_must_last() {
        let of = |settings: &[(&'static str, &str)]| level(|f| durability(&found(settings, None), f));
        assert_eq!(
            of(&[("fsync", "on"), ("synchronous_commit", "remote_apply")]),
            Level::Ok
        );
        assert_eq!(of(&[("fsync", "off")]), Level::Error);
        assert_eq!(of(&[("synchronous_commit", "off")]), Level::Error);
        assert_eq!(of(&[("journal_mode", "delete")]), Level::Error);
    }

    #[test]
    fn clocks_agree_within_seconds() {
        let of = |theirs: i64| level(|f| clock(&found(&[], Some(theirs)), EARLIEST_VALID, f));
        assert_eq!(of(EARLIEST_VALID.0 - 4_000), Level::Ok);
        assert_eq!(of(EARLIEST_VALID.0 - 8_000), Level::Warning);
        assert_eq!(of(EARLIEST_VALID.0 + 8_000), Level::Warning);
        let unset = level(|f| clock(&found(&[], None), Millis(1_000_000), f));
        assert_eq!(unset, Level::Error);
        let used = |days: i64| {
            let content = InspectedContent {
                sites: Vec::new(),
                has_owner: true,
                newest: None,
                purge_clock: Some(EARLIEST_VALID),
                secret: None,
            };
            let found = Inspection {
                content: Some(content),
                ..found(&[], None)
            };
            level(|f| clock(&found, EARLIEST_VALID.plus(days * DAY), f))
        };
        assert_eq!(used(6), Level::Ok);
        assert_eq!(used(84 * 365), Level::Warning);
    }

    #[test]
    fn schemas_are_compared() {
        let of = |schema| {
            level(|f| {
                super::schema(
                    &Inspection {
                        schema,
                        ..found(&[], None)
                    },
                    f,
                )
            })
        };
        assert_eq!(of(Some(2)), Level::Ok);
        assert_eq!(of(Some(1)), Level::Warning);
        assert_eq!(of(Some(3)), Level::Error);
        assert_eq!(of(None), Level::Warning);
    }
}
