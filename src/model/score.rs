//! Ranks a comment by its votes: the lower bound of the Wilson score interval (95 %).
//!
//! One up-vote does not rank above ninety of a hundred. Source: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209.

/// The lower bound in millionths for `up` up-votes and `down` down-votes; 0 without votes.
#[must_use]
pub fn score(up: i64, down: i64) -> i64 {
    let total = up.max(0) + down.max(0);
    if total == 0 {
        return 0;
    }
    #[expect(clippy::cast_precision_loss, reason = "votes stay far below 2^52")]
    let (n, p) = (total as f64, up.max(0) as f64 / total as f64);
    let z = 1.959_964_f64;
    let low =
        (p + z * z / (2.0 * n) - z * ((p * (1.0 - p) + z * z / (4.0 * n)) / n).sqrt()) / (1.0 + z * z / n);
    #[expect(clippy::cast_possible_truncation, reason = "between 0 and a million")]
    let millionths = (low * 1e6).round() as i64;
    millionths.clamp(0, 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::score;

    #[test]
    fn certainty_counts_and_not_the_share_alone() {
        assert_eq!(score(0, 0), 0);
        assert!(score(1, 0) > score(0, 0));
        assert!(score(90, 10) > score(1, 0));
        assert!(score(5, 1) > score(5, 5));
        assert!(score(0, 3) <= score(0, 1));
        assert_eq!(score(1, 0), 206_549, "a published value of the interval: 0.2065");
    }
}
