//! Rate limits by action: per client address, per site and for the whole server.
//!
//! Written `address=10/1m site=300/1m global=3000/1m`, or `off`. Enforced in [`crate::app::rate_limit`].

use std::time::Duration;

/// A rate-limited action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Reading threads, pages, counts and feeds.
    Read,
    /// Posting a comment.
    Post,
    /// Editing and deleting one's own comments.
    Edit,
    /// Voting.
    Vote,
    /// Rendering a preview.
    Preview,
    /// Signing in on a device that is unknown for the account.
    Login,
}

impl Action {
    /// All actions, in the order of their numbers.
    pub const ALL: [Self; 6] = [
        Self::Read,
        Self::Post,
        Self::Edit,
        Self::Vote,
        Self::Preview,
        Self::Login,
    ];

    /// The name in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Post => "post",
            Self::Edit => "edit",
            Self::Vote => "vote",
            Self::Preview => "preview",
            Self::Login => "login",
        }
    }

    /// The limit that applies if nothing is configured.
    #[must_use]
    pub fn default_limit(self) -> RateLimit {
        RateLimit::parse(self.default_words()).unwrap_or_default()
    }

    /// [`Action::default_limit`] in its written form.
    #[must_use]
    pub const fn default_words(self) -> &'static str {
        match self {
            Self::Read => "address=1200/1m",
            Self::Post => "address=10/1m site=300/1m global=3000/1m",
            Self::Edit => "address=30/1m site=600/1m global=6000/1m",
            Self::Vote => "address=60/1m site=3000/1m global=30000/1m",
            Self::Preview => "address=60/1m global=6000/1m",
            Self::Login => "address=10/1m",
        }
    }
}

/// A number of actions per period; all of them may come at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Number of actions; at least 1.
    pub count: u32,
    /// The period; at least a second.
    pub per: Duration,
}

/// The limits of one action; `None`: unlimited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RateLimit {
    /// Per client address (IPv6: per /64).
    pub address: Option<Rate>,
    /// Per site.
    pub site: Option<Rate>,
    /// For the whole server.
    pub global: Option<Rate>,
}

impl RateLimit {
    /// Parses the written form.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn parse(words: &str) -> Result<Self, String> {
        let mut limit = Self::default();
        if words.trim() == "off" {
            return Ok(limit);
        }
        for word in words.split([' ', ',']).filter(|word| !word.is_empty()) {
            let Some((scope, rate)) = word.split_once('=') else {
                return Err(format!(
                    "“{word}” is not of the form address=10/1m; or write “off”"
                ));
            };
            let rate = Rate::parse(rate)?;
            match scope {
                "address" => limit.address = rate,
                "site" => limit.site = rate,
                "global" => limit.global = rate,
                _ => return Err(format!("“{scope}” is not one of address, site, global")),
            }
        }
        if limit == Self::default() && words.trim().is_empty() {
            return Err("write “off” to switch a limit off".to_owned());
        }
        Ok(limit)
    }
}

impl Rate {
    fn parse(words: &str) -> Result<Option<Self>, String> {
        if words == "off" {
            return Ok(None);
        }
        let wrong = || format!("“{words}” is not of the form COUNT/TIME, as in 10/1m (s, m, h or d)");
        let (count, time) = words.split_once('/').ok_or_else(wrong)?;
        let unit = time.chars().last().ok_or_else(wrong)?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return Err(wrong()),
        };
        let number: u64 = match &time[..time.len() - 1] {
            "" => 1,
            digits => digits.parse().map_err(|_| wrong())?,
        };
        let count: u32 = count.parse().map_err(|_| wrong())?;
        let per = Duration::from_secs(number.saturating_mul(seconds));
        if count == 0 || per.is_zero() || per > Duration::from_secs(31 * 86_400) {
            return Err(wrong());
        }
        Ok(Some(Self { count, per }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_as_they_are_written() {
        let limit = RateLimit::parse("address=10/1m, site=5/s global=off").unwrap();
        assert_eq!(
            limit.address,
            Some(Rate {
                count: 10,
                per: Duration::from_secs(60)
            })
        );
        assert_eq!(
            limit.site,
            Some(Rate {
                count: 5,
                per: Duration::from_secs(1)
            })
        );
        assert_eq!(limit.global, None);
        assert_eq!(RateLimit::parse("off").unwrap(), RateLimit::default());
    }

    #[test]
    fn what_is_no_limit_is_refused() {
        for bad in [
            "",
            "10/1m",
            "address=0/1m",
            "address=10",
            "address=10/1x",
            "everyone=1/1s",
            "address=1/0s",
        ] {
            assert!(RateLimit::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn the_defaults_can_be_read_and_are_not_off() {
        for action in Action::ALL {
            assert!(
                RateLimit::parse(action.default_words())
                    .unwrap()
                    .address
                    .is_some()
            );
            assert_eq!(Action::ALL[action as usize], action);
        }
    }
}
