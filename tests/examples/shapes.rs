//! JSON examples of the API: the responses of a running server have the same fields, of the same kinds.

use serde_json::{Value, json};

use super::{
    blocks::Block,
    support::server::{TestServer, encoded},
};

const PAGE: &str = "https://blog.example/posts/tea/";

/// A thread with a comment, a reply, and a deleted comment with a reply.
pub(crate) fn furnish(server: &TestServer) {
    server.rule(
        "heading",
        "one=One thought on “{title}”|other={count} thoughts on “{title}”",
    );
    let (first, _) = server.posted(json!({"page": PAGE, "website": "https://ann.example/"}));
    server.posted(json!({"page": PAGE, "parent": first, "text": "a reply"}));
    let (gone, token) = server.posted(json!({"page": PAGE, "parent": first, "text": "to go"}));
    server.posted(json!({"page": PAGE, "parent": gone, "text": "below"}));
    assert_eq!(
        server
            .json("DELETE", &format!("comments/{gone}"), Some(&token), &json!({}))
            .status,
        200
    );
    server.clock.advance(1_500);
}

/// Compares an example of docs/api.md with the server; those of other documents are only parsed.
pub(crate) fn check(block: &Block, example: &Value, server: &TestServer) -> Result<(), String> {
    if block.file != "docs/api.md" {
        return Ok(());
    }
    let get = |path: &str| server.get(&format!("/api/v1/sites/blog/{path}")).json();
    let answered = match block.heading.as_str() {
        "GET thread" => get(&format!("thread?page={}", encoded(PAGE))),
        "GET threads" => get("threads"),
        "GET recent" => get("recent")["comments"][0].clone(),
        "POST comment" if example.get("page").is_some() => return is_taken(example, server),
        "POST comment" => server
            .post(json!({"page": PAGE, "text": "of the example"}))
            .json(),
        "Errors" => server.post(json!({"page": PAGE, "text": ""})).json(),
        other => {
            return Err(format!(
                "nothing compares an example of “{other}”: say how in tests/examples/shapes.rs"
            ));
        }
    };
    alike("", example, &answered)
}

/// A request as written, with a real comment as its parent.
fn is_taken(example: &Value, server: &TestServer) -> Result<(), String> {
    let mut body = example.clone();
    if body["parent"].is_i64() {
        body["parent"] = json!(server.posted(json!({"page": PAGE})).0);
    }
    let answer = server.json("POST", "comments", None, &body);
    (answer.status == 201).then_some(()).ok_or_else(|| answer.text())
}

/// True if `answered` has the fields of `example`, each of its kind. A field `…` matches any others; null is any kind.
/// kind.
pub(crate) fn alike(path: &str, example: &Value, answered: &Value) -> Result<(), String> {
    match (example, answered) {
        (Value::Object(example), Value::Object(answered)) => {
            for (name, value) in example.iter().filter(|(name, _)| *name != "…") {
                let found = answered
                    .get(name)
                    .ok_or(format!("the server answers no {path}.{name}"))?;
                alike(&format!("{path}.{name}"), value, found)?;
            }
            match answered.keys().find(|name| !example.contains_key(*name)) {
                Some(name) if !example.contains_key("…") => Err(format!("{path}.{name} is not documented")),
                _ => Ok(()),
            }
        }
        (Value::Array(example), Value::Array(answered)) => match (example.first(), answered.first()) {
            (Some(example), Some(answered)) if example.is_object() => {
                alike(&format!("{path}[]"), example, answered)
            }
            _ => Ok(()),
        },
        (Value::Null, _) | (_, Value::Null) => Ok(()),
        _ if std::mem::discriminant(example) == std::mem::discriminant(answered) => Ok(()),
        _ => Err(format!("{path}: {example} is documented, {answered} answered")),
    }
}
