//! Changes the rules of a site, for the settings page and the command line.

use crate::{
    app::{
        context::App,
        error::{Error, ErrorKind},
    },
    model::{
        event::{Change, Event},
        id::SiteId,
        moderation_log::ModerationAction,
        site::{Heading, Moderation, Rules, Site, Sort, Votes},
    },
    service::{
        audit::{self, Actor},
        threads::rekey,
    },
    store::tables::sites,
};

/// Sets rules, all or none; a change is the name of a rule and its value, as `afterword site set` takes them. Returns the
/// site as it is then.
///
/// # Errors
/// `site_not_found`, `field_invalid` for a name or a value, and those of the store.
pub async fn set_rules(
    app: &App,
    actor: &Actor,
    site: SiteId,
    changes: Vec<(String, String)>,
) -> Result<Site, Error> {
    let (inner, actor) = (app.clone(), actor.clone());
    app.store
        .write(move |tx| {
            let mut site = sites::by_id(tx, site)?.ok_or(Error::from(ErrorKind::SiteNotFound))?;
            let before = rule_values(&site.rules);
            let folded = site.rules.html_folds;
            for (rule, value) in &changes {
                set_rule(&mut site.rules, rule, value).map_err(|must| Error {
                    field: rule_values(&Rules::default())
                        .iter()
                        .map(|(name, _)| *name)
                        .find(|name| name == rule),
                    ..Error::with_message(ErrorKind::FieldInvalid, format!("{rule} {must}."))
                })?;
            }
            sites::set_rules(tx, site.id, &site.rules)?;
            let mut is_change = false;
            for ((rule, was), (_, now)) in before
                .iter()
                .zip(rule_values(&site.rules))
                .filter(|(was, now)| *was != now)
            {
                is_change = true;
                let target = format!("{rule} = {now}");
                audit::record(
                    &inner,
                    tx,
                    Some(site.id),
                    &actor,
                    ModerationAction::SettingChanged,
                    &target,
                    was,
                )?;
            }
            if site.rules.html_folds && !folded {
                rekey::fold_html_endings(&inner, tx, &actor, site.id)?;
            }
            if is_change {
                tx.emit(Event::of_site(site.id, Change::SiteChanged));
            }
            Ok(site)
        })
        .await
}

/// The names of all rules, with their values in `rules`.
#[must_use]
pub fn rule_values(rules: &Rules) -> Vec<(&'static str, String)> {
    let truth = |value: bool| if value { "yes" } else { "no" }.to_owned();
    vec![
        ("moderation", rules.moderation.as_str().to_owned()),
        ("require_name", truth(rules.require_name)),
        ("require_email", truth(rules.require_email)),
        ("votes", rules.votes.as_str().to_owned()),
        ("sort", rules.sort.as_str().to_owned()),
        ("edit_window", rules.edit_window.to_string()),
        ("max_text", rules.max_text.to_string()),
        ("close_after", rules.close_after.to_string()),
        ("heading", rules.heading.written()),
        ("html_folds", truth(rules.html_folds)),
    ]
}

/// Sets one rule. Errors: the second half of a sentence that begins with the rule's name.
fn set_rule(rules: &mut Rules, rule: &str, value: &str) -> Result<(), String> {
    let value = value.trim();
    let number = |min: i64, max: i64| {
        value
            .parse()
            .ok()
            .filter(|n| (min..=max).contains(n))
            .ok_or_else(|| format!("must be a whole number from {min} to {max}"))
    };
    let truth = || match value {
        "yes" | "true" | "1" => Ok(true),
        "no" | "false" | "0" => Ok(false),
        _ => Err("must be yes or no".to_owned()),
    };
    let one_of = |words: Vec<&str>| format!("must be one of {}", words.join(", "));
    match rule {
        "moderation" => {
            rules.moderation = Moderation::parse(value)
                .ok_or_else(|| one_of(Moderation::ALL.iter().map(|m| m.as_str()).collect()))?;
        }
        "require_name" => rules.require_name = truth()?,
        "require_email" => rules.require_email = truth()?,
        "votes" => {
            rules.votes =
                Votes::parse(value).ok_or_else(|| one_of(Votes::ALL.iter().map(|v| v.as_str()).collect()))?
        }
        "sort" => {
            rules.sort = Sort::parse(value)
                .filter(|sort| Sort::OF_SITES.contains(sort))
                .ok_or_else(|| one_of(Sort::OF_SITES.iter().map(|s| s.as_str()).collect()))?;
        }
        "html_folds" => rules.html_folds = truth()?,
        "edit_window" => rules.edit_window = number(0, 31_536_000)?,
        "max_text" => rules.max_text = number(1, 20_000)?,
        "close_after" => rules.close_after = number(0, 36_500)?,
        "heading" => {
            rules.heading = Heading::parse(value).map_err(|wrong| format!("is not well formed: {wrong}"))?
        }
        _ => {
            let names: Vec<&str> = self::rule_values(&Rules::default())
                .iter()
                .map(|(name, _)| *name)
                .collect();
            return Err(format!("is no rule; there are {}", names.join(", ")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_accepts_its_own_value() {
        let mut changed = Rules::default();
        for (name, value) in rule_values(&Rules::default()) {
            set_rule(&mut changed, name, &value).unwrap();
        }
        assert_eq!(changed, Rules::default());
    }

    #[test]
    fn a_wrong_rule_lists_the_valid_ones() {
        let mut changed = Rules::default();
        assert!(
            set_rule(&mut changed, "moderaton", "all")
                .unwrap_err()
                .contains("moderation")
        );
        assert!(
            set_rule(&mut changed, "moderation", "some")
                .unwrap_err()
                .contains("none, first, all")
        );
        assert!(set_rule(&mut changed, "max_text", "0").is_err());
    }
}
