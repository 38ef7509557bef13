//! The structure of `src/`: no file uses, directly or through others, a file that uses it, and no layer imports from a
//! layer above it.
//!
//! Files are parsed by syn. A file uses another one where a path in its code, resolved through imports and re-exports,
//! ends at an item of that file; `mod` declarations and tests do not count. Controls: synthetic trees with a circle and
//! with an import upwards.

#[path = "structure/module_tree.rs"]
mod module_tree;

use module_tree::Tree;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// From the lowest layer to the highest. Layers on one line have the same rank; none of them uses another.
const LAYERS: &[&[&str]] = &[
    &["model", "config", "logging", "net"],
    &["content", "store"],
    &["app"],
    &["service"],
    &["jobs", "view"],
    &["web"],
    &["cli"],
    &["main"],
];

type ModulePath = Vec<String>;

/// Every file that uses itself through others, with the path of uses.
fn circles(uses: &BTreeMap<ModulePath, BTreeSet<ModulePath>>) -> Vec<String> {
    let mut found = Vec::new();
    for start in uses.keys() {
        // Breadth first: the shortest circle.
        let mut ways: BTreeMap<&ModulePath, &ModulePath> = BTreeMap::new();
        let mut queue = std::collections::VecDeque::from([start]);
        'search: while let Some(at) = queue.pop_front() {
            for next in &uses[at] {
                if next == start {
                    let mut way = vec![start.join("::"), at.join("::")];
                    let mut back = at;
                    while back != start {
                        back = ways[back];
                        way.push(back.join("::"));
                    }
                    way.reverse();
                    found.push(way.join(" → "));
                    break 'search;
                }
                if uses.contains_key(next) && !ways.contains_key(next) {
                    ways.insert(next, at);
                    queue.push_back(next);
                }
            }
        }
    }
    found
}

fn layer(module: &ModulePath) -> Option<usize> {
    let room = module.first()?;
    LAYERS.iter().position(|rooms| rooms.contains(&room.as_str()))
}

/// Every use of a file in a higher layer.
fn upwards(uses: &BTreeMap<ModulePath, BTreeSet<ModulePath>>) -> Vec<String> {
    let mut found = Vec::new();
    for (module, used) in uses {
        for target in used {
            if let (Some(from), Some(to)) = (layer(module), layer(target))
                && (to > from || (to == from && module[0] != target[0]))
            {
                found.push(format!("{} uses {}", module.join("::"), target.join("::")));
            }
        }
    }
    found
}

fn source_files() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders: Vec<PathBuf> = vec![root.clone()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the sources can be read") {
            let path = entry.expect("the sources can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).expect("a file of src/");
                let text = fs::read_to_string(&path).expect("the sources can be read");
                files.push((name.to_string_lossy().replace('\\', "/"), text));
            }
        }
    }
    files.sort();
    files
}

#[test]
fn no_file_uses_itself_through_others() {
    let tree = Tree::of(&source_files());
    assert!(tree.0.len() > 150, "control: {} files were read", tree.0.len());
    let uses = tree.uses();
    let arrows: usize = uses.values().map(BTreeSet::len).sum();
    assert!(arrows > 500, "control: {arrows} uses were found");
    let circles = circles(&uses);
    assert!(circles.is_empty(), "\n{}", circles.join("\n"));
}

#[test]
fn no_layer_imports_upwards() {
    let tree = Tree::of(&source_files());
    for module in tree.0.keys().filter(|module| module.len() == 1) {
        assert!(
            layer(module).is_some(),
            "{module:?} is in no layer of tests/structure.rs"
        );
    }
    let upwards = upwards(&tree.uses());
    assert!(upwards.is_empty(), "\n{}", upwards.join("\n"));
}

#[test]
fn one_module_style() {
    let files = source_files();
    let wrong: Vec<_> = files
        .iter()
        .filter(|(path, _)| path.ends_with("/mod.rs"))
        .collect();
    assert!(wrong.is_empty(), "a module is `x.rs` beside `x/`: {wrong:?}");
}

fn made_up(files: &[(&str, &str)]) -> BTreeMap<ModulePath, BTreeSet<ModulePath>> {
    let files: Vec<_> = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    Tree::of(&files).uses()
}

#[test]
fn control_circles_are_found() {
    let cases: &[&[(&str, &str)]] = &[
        // Directly, by an import and by a path.
        &[
            ("lib.rs", "mod store;"),
            ("store.rs", "mod a; mod b;"),
            ("store/a.rs", "use super::b::B; pub struct A(B);"),
            (
                "store/b.rs",
                "pub struct B; fn f() { crate::store::a::A::new(); }",
            ),
        ],
        // Through a re-export, whose own file is not part of it.
        &[
            ("lib.rs", "mod store;"),
            ("store.rs", "mod a; mod b; pub use a::A;"),
            ("store/a.rs", "use super::b; pub struct A; fn f() { b::g() }"),
            ("store/b.rs", "pub fn g() { let x: crate::store::A; }"),
        ],
        // Through a third file, and within a macro.
        &[
            ("lib.rs", "mod store;"),
            ("store.rs", "mod a; mod b; mod c;"),
            (
                "store/a.rs",
                "pub fn f() { html! { p { (crate::store::b::f()) } } }",
            ),
            ("store/b.rs", "pub fn f() { super::c::f() }"),
            ("store/c.rs", "use crate::store::{a}; pub fn f() { a::f() }"),
        ],
        // Between a module and its child.
        &[
            ("lib.rs", "mod store;"),
            ("store.rs", "mod a; pub struct S; pub fn f(x: a::A) { a::g(x) }"),
            ("store/a.rs", "use super::S; pub struct A(S); pub fn g(_: A) {}"),
        ],
    ];
    for case in cases {
        assert!(!circles(&made_up(case)).is_empty(), "not found in {case:?}");
    }
}

#[test]
fn control_trees_without_a_circle_pass() {
    let uses = made_up(&[
        ("lib.rs", "mod store;"),
        ("store.rs", "mod a; mod b; pub use a::A; #[cfg(test)] mod tests;"),
        (
            "store/a.rs",
            "pub struct A; #[cfg(test)] mod tests { use super::super::b::g; fn f() { g() } }",
        ),
        (
            "store/b.rs",
            "use super::A; pub fn g() -> A { let a = 1; std::mem::drop(a); A }",
        ),
        ("store/tests.rs", "use super::*; fn f(a: A) { super::b::g(); }"),
    ]);
    assert_eq!(circles(&uses), Vec::<String>::new());
    assert!(
        uses[&vec!["store".to_owned(), "b".to_owned()]].contains(&vec!["store".to_owned(), "a".to_owned()])
    );
}

#[test]
fn control_imports_upwards_are_found() {
    let up = [
        ("lib.rs", "mod model; mod service;"),
        ("model.rs", "use crate::service::f; pub fn g() { f() }"),
        ("service.rs", "pub fn f() {}"),
    ];
    assert_eq!(upwards(&made_up(&up)), ["model uses service"]);
    let same_rank = [
        ("lib.rs", "mod jobs; mod view;"),
        ("jobs.rs", "pub fn g() { crate::view::f() }"),
        ("view.rs", "pub fn f() {}"),
    ];
    assert_eq!(upwards(&made_up(&same_rank)), ["jobs uses view"]);
    let down = [
        ("lib.rs", "mod model; mod service;"),
        ("model.rs", "pub fn g() {}"),
        ("service.rs", "pub fn f() { crate::model::g() }"),
    ];
    assert_eq!(upwards(&made_up(&down)), Vec::<String>::new());
}
