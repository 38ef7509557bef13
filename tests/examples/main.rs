//! Runs, loads or parses every example of the documentation, by the language of its fence.
//!
//! A fence without a language, or with an unknown one, fails: see [`check`]. Commands that cannot run in a test are
//! listed, with their reason, in [`shell::NOT_RUN`]. `tests/browser/examples.spec.mjs` loads the examples of the widget
//! in a browser; those of docs/proxies and docs/generators have suites of their own.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../support/mod.rs"]
mod support;

mod blocks;
mod markup;
mod shapes;
mod shell;

use blocks::{Block, all, read};

/// The environment of the examples: a running server, and folders for commands.
struct Bench {
    server: support::server::TestServer,
    shell: shell::Shell,
}

/// The fault of an example. Every language of a fence has a line here.
fn check(block: &Block, bench: &Bench) -> Result<(), String> {
    let text = block.text.as_str();
    match block.language.as_str() {
        "sh" => bench.shell.run(block),
        "html" => markup::check(text, &bench.server),
        "json" => serde_json::from_str::<serde_json::Value>(text)
            .map_err(|error| error.to_string())
            .and_then(|value| shapes::check(block, &value, &bench.server)),
        "toml" => settings(block),
        "yaml" => yaml(text).and_then(|found| {
            let under = &found["afterword"];
            let keys = under
                .as_hash()
                .into_iter()
                .flatten()
                .filter_map(|(key, _)| key.as_str());
            keys.map(str::to_owned).try_for_each(|key| of_a_generator(&key))
        }),
        "css" => css(text),
        "csp" => csp(text),
        "event-stream" => text
            .lines()
            .filter_map(|line| line.strip_prefix("data: "))
            .try_for_each(|data| {
                serde_json::from_str::<serde_json::Value>(data)
                    .map(|_| ())
                    .map_err(|error| error.to_string())
            }),
        "astro" => names(
            text,
            "docs/generators/astro/src/components/Afterword.astro",
            "title",
        ),
        "php" => text
            .split('\'')
            .filter(|word| word.starts_with("AFTERWORD_"))
            .try_for_each(|name| names(text, "docs/generators/wordpress/afterword/afterword.php", name)),
        // Diagrams and lists, nothing to run.
        "text" => Ok(()),
        "" => Err("the fence names no language".into()),
        other => Err(format!(
            "nothing checks examples in “{other}”: say how in tests/examples"
        )),
    }
}

/// TOML: in the operator's documents a configuration of ours, in others any.
fn settings(block: &Block) -> Result<(), String> {
    let table: toml::Table = block.text.parse().map_err(|error| format!("{error}"))?;
    if block.file.starts_with("docs/generators") {
        return keys_of_ours(&table)
            .iter()
            .try_for_each(|key| of_a_generator(key));
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("afterword.toml");
    std::fs::write(&file, &block.text).unwrap();
    afterword::config::load(Some(&file), [], &[]).map(|_| ())
}

/// The keys of all tables with the name `afterword`.
fn keys_of_ours(table: &toml::Table) -> Vec<String> {
    let inner = table
        .iter()
        .filter_map(|(name, value)| Some((name, value.as_table()?)));
    inner
        .flat_map(|(name, table)| {
            let own = table.keys().filter(|_| name == "afterword").cloned();
            own.chain(keys_of_ours(table)).collect::<Vec<_>>()
        })
        .collect()
}

/// True if a file that we provide for a site generator reads this setting.
fn of_a_generator(key: &str) -> Result<(), String> {
    let used = blocks::files("docs/generators")
        .into_iter()
        .any(|file| !file.ends_with(".md") && read(&file).contains(key));
    used.then_some(())
        .ok_or(format!("no file of docs/generators reads “{key}”"))
}

/// One YAML document that is a mapping.
fn yaml(text: &str) -> Result<yaml_rust2::Yaml, String> {
    let found = yaml_rust2::YamlLoader::load_from_str(text).map_err(|error| error.to_string())?;
    match <[_; 1]>::try_from(found) {
        Ok([found]) if found.as_hash().is_some() => Ok(found),
        _ => Err("it is not one mapping".into()),
    }
}

/// Rules with a selector and complete declarations.
fn css(text: &str) -> Result<(), String> {
    for rule in text.split('}').map(str::trim).filter(|rule| !rule.is_empty()) {
        let (selector, declarations) = rule.split_once('{').ok_or(format!("“{rule}” has no brace"))?;
        if !selector.contains("afterword-") {
            return Err(format!("“{selector}” selects nothing of ours"));
        }
        let whole = |one: &str| {
            one.split_once(':')
                .is_some_and(|(name, value)| !name.trim().is_empty() && !value.trim().is_empty())
        };
        if !declarations
            .split(';')
            .filter(|one| !one.trim().is_empty())
            .all(whole)
        {
            return Err(format!("“{declarations}” is not whole"));
        }
    }
    Ok(())
}

/// A content security policy: known directives with sources.
fn csp(text: &str) -> Result<(), String> {
    const KNOWN: [&str; 5] = ["script-src", "connect-src", "style-src", "img-src", "default-src"];
    text.split(';').try_for_each(|directive| {
        let mut words = directive.split_whitespace();
        let name = words.next().unwrap_or_default();
        if !KNOWN.contains(&name) || words.next().is_none() {
            return Err(format!("“{directive}” is no directive with a source"));
        }
        Ok(())
    })
}

/// An example that uses a file of this repository: whether the file has the same text.
fn names(text: &str, file: &str, word: &str) -> Result<(), String> {
    if !text.contains(word) || !read(file).contains(word) {
        return Err(format!("“{word}” does not stand in both the example and {file}"));
    }
    Ok(())
}

fn bench() -> Bench {
    let server = support::server::TestServer::start();
    shapes::furnish(&server);
    let shell = shell::Shell::new(server.address);
    Bench { server, shell }
}

#[test]
fn every_example_of_the_documentation_works() {
    let bench = bench();
    let blocks = all();
    assert!(blocks.len() > 40, "examples were not found: {}", blocks.len());
    let wrong: Vec<String> = blocks
        .iter()
        .filter_map(|block| {
            let wrong = check(block, &bench).err()?;
            Some(format!(
                "{}:{} ({}): {wrong}",
                block.file, block.line, block.language
            ))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn every_yaml_file_of_the_documentation_parses() {
    let files: Vec<String> = blocks::files("docs")
        .into_iter()
        .filter(|file| file.ends_with(".yml") || file.ends_with(".yaml"))
        .collect();
    assert!(files.len() >= 2, "{files:?}");
    for file in files {
        yaml(&read(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    }
}

#[test]
fn every_command_in_running_text_exists() {
    let bench = bench();
    let (mut seen, mut wrong) = (0, Vec::new());
    for (file, command) in blocks::commands() {
        seen += 1;
        if let Err(error) = bench.shell.known(&command) {
            wrong.push(format!("{file}: `{command}`: {error}"));
        }
    }
    assert!(seen >= 10, "commands were not found: {seen}");
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
    for broken in [
        "afterword sites list",
        "afterword site rename blog",
        "afterword doctor --xml",
    ] {
        assert!(bench.shell.known(broken).is_err(), "control: {broken}");
    }
}

#[test]
fn broken_examples_are_found() {
    let bench = bench();
    let broken = [
        ("", "anything"),
        ("klingon", "Qapla'"),
        ("sh", "afterword site remove blog"),
        ("sh", "no-such-program --now"),
        (
            "sh",
            "curl -fsS https://comments.example/api/v2/sites/blog/threads",
        ),
        ("sh", "tests/none/run   # a suite that is gone"),
        ("sh", "AFTERWORD_DATABSE='x' afterword"),
        (
            "html",
            r#"<script async src="https://comments.example/embeds.js" data-site="blog"></script>"#,
        ),
        (
            "html",
            r#"<script async src="https://comments.example/embed.js" data-sites="blog"></script>"#,
        ),
        (
            "html",
            r#"<script async src="https://comments.example/embed.js"></script>"#,
        ),
        ("html", r#"<afterword-thread pageid="x"></afterword-thread>"#),
        ("html", r#"<afterword-threads></afterword-threads>"#),
        ("html", r#"<a href="https://comments.example/threads/blog">x</a>"#),
        ("html", r#"<a href="x>never ends"#),
        ("json", r#"{"a": 1,}"#),
        ("toml", "listen = 127.0.0.1"),
        ("toml", "listn = \"127.0.0.1:1\""),
        ("yaml", "a: [1, 2"),
        ("yaml", "afterword:\n  sever: https://comments.example"),
        ("toml", "[params.afterword]\nsever = \"https://comments.example\""),
        ("css", "afterword-thread { display }"),
        ("css", ".thread { display: block }"),
        ("csp", "scripts-src https://comments.example"),
        ("event-stream", "data: {"),
        ("php", "define( 'AFTERWORD_SERVERS', 'x' );"),
        ("astro", "<Afterword titel={x} />"),
    ];
    for (language, text) in broken {
        let block = Block {
            file: if text.contains("afterword]") || language == "yaml" {
                "docs/generators/none.md"
            } else {
                "docs/none.md"
            }
            .into(),
            line: 1,
            heading: "None".into(),
            language: language.into(),
            text: text.into(),
        };
        assert!(check(&block, &bench).is_err(), "control: {language}: {text}");
    }
    let api = |heading: &str, text: &str| Block {
        file: "docs/api.md".into(),
        line: 1,
        heading: heading.into(),
        language: "json".into(),
        text: text.into(),
    };
    for (heading, text) in [
        ("GET none", "{}"),
        ("GET recent", r#"{"id": 1}"#),
        ("POST comment", r#"{"page": "https://blog.example/", "txt": "x"}"#),
        (
            "Errors",
            r#"{"error": {"code": 1, "message": "x", "field": "text"}}"#,
        ),
    ] {
        assert!(
            check(&api(heading, text), &bench).is_err(),
            "control: {heading}: {text}"
        );
    }
}
