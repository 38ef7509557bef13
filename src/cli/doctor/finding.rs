//! The findings of `afterword doctor`: check, severity, one sentence, and a fix.
//!
//! A finding that is not `ok` has a fix; the functions below enforce it.

use std::fmt::Write as _;

use serde::Serialize;

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    /// No problem.
    Ok,
    /// It works, but not as well or as safely as possible.
    Warning,
    /// It does not work, or soon will not.
    Error,
}

impl Level {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

#[derive(Debug, Serialize)]
struct Finding {
    check: &'static str,
    level: Level,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

#[derive(Serialize)]
struct Report<'a> {
    findings: &'a [Finding],
    errors: usize,
    warnings: usize,
}

/// All findings, in the order of the checks.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn ok(&mut self, check: &'static str, message: impl Into<String>) {
        self.add(check, Level::Ok, message.into(), None);
    }

    pub(super) fn warning(
        &mut self,
        check: &'static str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.add(check, Level::Warning, message.into(), Some(fix.into()));
    }

    pub(super) fn error(&mut self, check: &'static str, message: impl Into<String>, fix: impl Into<String>) {
        self.add(check, Level::Error, message.into(), Some(fix.into()));
    }

    fn add(&mut self, check: &'static str, level: Level, message: String, fix: Option<String>) {
        self.0.push(Finding {
            check,
            level,
            message,
            fix,
        });
    }

    pub(super) fn count(&self, level: Level) -> usize {
        self.0.iter().filter(|finding| finding.level == level).count()
    }

    /// The findings as text: one line each, with its fix below.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for finding in &self.0 {
            let level = finding.level.as_str();
            let _ = writeln!(text, "{level:<8} {:<12} {}", finding.check, finding.message);
            if let Some(fix) = &finding.fix {
                let _ = writeln!(text, "{:<22}→ {fix}", "");
            }
        }
        text
    }

    /// The findings as JSON.
    pub(super) fn json(&self) -> String {
        let report = Report {
            findings: &self.0,
            errors: self.count(Level::Error),
            warnings: self.count(Level::Warning),
        };
        serde_json::to_string_pretty(&report).unwrap_or_default()
    }

    #[cfg(test)]
    pub(super) fn levels(&self) -> Vec<(&'static str, Level)> {
        self.0
            .iter()
            .map(|finding| (finding.check, finding.level))
            .collect()
    }
}
