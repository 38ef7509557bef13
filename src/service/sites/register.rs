//! Registering sites and their origins, and changing their rules.

use crate::{
    app::{
        context::App,
        error::{Error, Kind},
    },
    model::{
        id::SiteId,
        moderation_log::Act,
        page::Origin,
        site::{Heading, Moderation, Rules, Site, Sort, Votes},
        text::SiteName,
    },
    service::{
        audit::{self, Actor},
        threads::rekey,
    },
    store::tables::sites,
};

/// The name of the demo's site.
pub const DEMO: &str = "demo";
/// Names that nobody can register: the demo's, and words of the admin pages' addresses.
const RESERVED: [&str; 5] = [DEMO, "login", "logout", "setup", "sites"];

/// Registers a site with its origins. Errors: `field_invalid` with a sentence, `conflict` when the name
/// is taken.
pub async fn register(app: &App, actor: &Actor, name: &str, origins: &[String]) -> Result<Site, Error> {
    if RESERVED.contains(&name) {
        return Err(Error {
            field: Some("name"),
            ..Error::with_message(
                Kind::FieldInvalid,
                format!("“{name}” is a word of Afterword's own; choose another name."),
            )
        });
    }
    let site = add(app, Some(actor), name, origins).await?;
    // The demo is over: what is cached of it is out of date, and who listens to it is told.
    let demo = app
        .store
        .read(|tx| match sites::by_name(tx, DEMO)? {
            Some(demo) => Ok::<_, Error>(Some((
                demo.id,
                crate::store::tables::threads::all_keys(tx, demo.id)?,
            ))),
            None => Ok(None),
        })
        .await?;
    if let Some((demo, keys)) = demo {
        app.changed(demo, &keys);
    }
    Ok(site)
}

/// Registers a site of whatever name. No actor: nobody asked for it, and nothing is recorded.
pub(crate) async fn add(
    app: &App,
    actor: Option<&Actor>,
    name: &str,
    origins: &[String],
) -> Result<Site, Error> {
    let name = SiteName::parse(name)?;
    if origins.is_empty() {
        return Err(Error {
            field: Some("origin"),
            ..Error::with_message(Kind::FieldInvalid, "A site needs at least one origin.")
        });
    }
    let origins = origins
        .iter()
        .map(|text| origin(text))
        .collect::<Result<Vec<_>, _>>()?;
    let now = app.clock.now();
    let id = SiteId(app.ids.next(now, 0));
    let (inner, actor) = (app.clone(), actor.cloned());
    app.store
        .write(move |tx| {
            if sites::by_name(tx, name.as_str())?.is_some() {
                return Err(Error {
                    field: Some("name"),
                    ..Error::with_message(Kind::Conflict, "A site of this name is registered already.")
                });
            }
            sites::add(tx, id, &name, now)?;
            for (n, origin) in origins.iter().enumerate() {
                // Their order is that of the times: the first is the main one.
                sites::add_origin(tx, id, origin, now.plus(n as i64))?;
            }
            if let Some(actor) = &actor {
                audit::record(&inner, tx, None, actor, Act::SiteRegistered, name.as_str(), "")?;
            }
            sites::by_id(tx, id)?.ok_or_else(|| Error::internal("a site vanished"))
        })
        .await
}

/// All sites, the demo's too.
pub async fn all(app: &App) -> Result<Vec<Site>, Error> {
    app.store.read(|tx| Ok(sites::all(tx)?)).await
}

/// Is any site registered? The demo's counts too.
pub async fn any(app: &App) -> Result<bool, Error> {
    app.store.read(|tx| Ok(sites::any(tx)?)).await
}

/// Registers one more origin of a site.
pub async fn add_origin(app: &App, actor: &Actor, site: SiteId, text: &str) -> Result<(), Error> {
    let (origin, now) = (origin(text)?, app.clock.now());
    let (inner, actor) = (app.clone(), actor.clone());
    app.store
        .write(move |tx| {
            let found = sites::by_id(tx, site)?.ok_or(Error::from(Kind::SiteNotFound))?;
            if !found.has_origin(&origin) {
                sites::add_origin(tx, site, &origin, now)?;
                audit::record(
                    &inner,
                    tx,
                    Some(site),
                    &actor,
                    Act::OriginAdded,
                    origin.as_str(),
                    "",
                )?;
            }
            Ok(())
        })
        .await
}

/// Takes an origin back. Errors: `conflict` for the last one.
pub async fn remove_origin(app: &App, actor: &Actor, site: SiteId, text: &str) -> Result<(), Error> {
    let origin = origin(text)?;
    let (inner, actor) = (app.clone(), actor.clone());
    app.store
        .write(move |tx| {
            let found = sites::by_id(tx, site)?.ok_or(Error::from(Kind::SiteNotFound))?;
            if found.origins.len() < 2 {
                return Err(Error::with_message(
                    Kind::Conflict,
                    "A site needs at least one origin.",
                ));
            }
            if found.has_origin(&origin) {
                sites::remove_origin(tx, site, &origin)?;
                audit::record(
                    &inner,
                    tx,
                    Some(site),
                    &actor,
                    Act::OriginRemoved,
                    origin.as_str(),
                    "",
                )?;
            }
            Ok(())
        })
        .await
}

/// Changes rules: pairs of the rule's name and its value, as `afterword site set` and the admin form
/// give them. All or nothing.
pub async fn set_rules(
    app: &App,
    actor: &Actor,
    site: SiteId,
    changes: Vec<(String, String)>,
) -> Result<Site, Error> {
    let (inner, actor) = (app.clone(), actor.clone());
    let (site, keys) = app
        .store
        .write(move |tx| {
            let mut site = sites::by_id(tx, site)?.ok_or(Error::from(Kind::SiteNotFound))?;
            let before = rules(&site.rules);
            let folded = site.rules.html_folds;
            for (rule, value) in &changes {
                set_rule(&mut site.rules, rule, value).map_err(|must| Error {
                    field: rules(&Rules::default())
                        .iter()
                        .map(|(name, _)| *name)
                        .find(|name| name == rule),
                    ..Error::with_message(Kind::FieldInvalid, format!("{rule} {must}."))
                })?;
            }
            sites::set_rules(tx, site.id, &site.rules)?;
            for ((rule, was), (_, now)) in before
                .iter()
                .zip(rules(&site.rules))
                .filter(|(was, now)| *was != now)
            {
                let target = format!("{rule} = {now}");
                audit::record(
                    &inner,
                    tx,
                    Some(site.id),
                    &actor,
                    Act::SettingChanged,
                    &target,
                    was,
                )?;
            }
            let keys = if site.rules.html_folds && !folded {
                rekey::fold_html(&inner, tx, &actor, site.id)?
            } else {
                Vec::new()
            };
            Ok::<_, Error>((site, keys))
        })
        .await?;
    app.changed(site.id, &keys);
    Ok(site)
}

/// The rules of a site by name, with their present values.
#[must_use]
pub fn rules(rules: &Rules) -> Vec<(&'static str, String)> {
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

fn set_rule(rules: &mut Rules, rule: &str, value: &str) -> Result<(), String> {
    let value = value.trim();
    let number = |least: i64, most: i64| {
        value
            .parse()
            .ok()
            .filter(|n| (least..=most).contains(n))
            .ok_or_else(|| format!("must be a whole number from {least} to {most}"))
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
            let names: Vec<&str> = self::rules(&Rules::default())
                .iter()
                .map(|(name, _)| *name)
                .collect();
            return Err(format!("is no rule; there are {}", names.join(", ")));
        }
    }
    Ok(())
}

/// The tag that a site owner pastes.
#[must_use]
pub fn tag(base_url: &str, site: &Site) -> String {
    with_script(base_url, site, &format!("src=\"{base_url}/embed.js\""))
}

/// The tag with a script that runs only as it is now: its address and the hash for `integrity`.
#[must_use]
pub fn pinned_tag(base_url: &str, site: &Site, (address, integrity): &(String, String)) -> String {
    let script = format!("src=\"{address}\" integrity=\"{integrity}\" crossorigin=\"anonymous\"");
    with_script(base_url, site, &script)
}

fn with_script(base_url: &str, site: &Site, script: &str) -> String {
    let name = site.name.as_str();
    format!(
        "<script async {script} data-site=\"{name}\"></script>\n\
         <noscript><a href=\"{base_url}/thread/{name}\" referrerpolicy=\"no-referrer-when-downgrade\">Read and write comments</a></noscript>"
    )
}

fn origin(text: &str) -> Result<Origin, Error> {
    Origin::parse(text.trim().trim_end_matches('/')).map_err(|_| Error {
        field: Some("origin"),
        ..Error::with_message(
            Kind::FieldInvalid,
            "An origin is http:// or https://, a host and perhaps a port, as in https://blog.example.",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_takes_its_own_value_back() {
        let mut changed = Rules::default();
        for (name, value) in rules(&Rules::default()) {
            set_rule(&mut changed, name, &value).unwrap();
        }
        assert_eq!(changed, Rules::default());
    }

    #[test]
    fn a_wrong_rule_says_which_there_are() {
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
