//! The structure of `src/`: no file uses, directly or through others, a file that uses it, and no layer imports from a
//! layer above it.
//!
//! Files are parsed by syn. A file uses another one where a path in its code, resolved through imports and re-exports,
//! ends at an item of that file; `mod` declarations and tests do not count. Controls: synthetic trees with a circle and
//! with an import upwards.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Attribute, Item, ItemUse, UseTree,
    visit::{self, Visit},
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

/// A source file: its module, its definitions, imports and paths.
#[derive(Default)]
struct Source {
    items: BTreeSet<String>,
    /// Local name and path as written.
    imports: Vec<(String, ModulePath)>,
    paths: Vec<ModulePath>,
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Ident>()
                .is_ok_and(|name| name == "test")
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn name(item: &Item) -> Option<String> {
    Some(match item {
        Item::Const(item) => item.ident.to_string(),
        Item::Enum(item) => item.ident.to_string(),
        Item::Fn(item) => item.sig.ident.to_string(),
        Item::Macro(item) => item.ident.as_ref()?.to_string(),
        Item::Static(item) => item.ident.to_string(),
        Item::Struct(item) => item.ident.to_string(),
        Item::Trait(item) => item.ident.to_string(),
        Item::Type(item) => item.ident.to_string(),
        _ => return None,
    })
}

impl<'ast> Visit<'ast> for Source {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        flatten(&item.tree, &mut Vec::new(), &mut self.imports);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.paths
            .push(path.segments.iter().map(|part| part.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        tokens(call.tokens.clone(), &mut self.paths);
    }

    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}
}

fn flatten(tree: &UseTree, prefix: &mut ModulePath, imports: &mut Vec<(String, ModulePath)>) {
    match tree {
        UseTree::Path(path) => {
            prefix.push(path.ident.to_string());
            flatten(&path.tree, prefix, imports);
            prefix.pop();
        }
        UseTree::Name(leaf) if leaf.ident == "self" => {
            imports.push((prefix.last().cloned().unwrap_or_default(), prefix.clone()));
        }
        UseTree::Name(leaf) => {
            let mut path = prefix.clone();
            path.push(leaf.ident.to_string());
            imports.push((leaf.ident.to_string(), path));
        }
        UseTree::Rename(leaf) => {
            let mut path = prefix.clone();
            path.push(leaf.ident.to_string());
            imports.push((leaf.rename.to_string(), path));
        }
        UseTree::Glob(_) => imports.push(("*".to_owned(), prefix.clone())),
        UseTree::Group(group) => {
            for tree in &group.items {
                flatten(tree, prefix, imports);
            }
        }
    }
}

/// Paths within the tokens of a macro call, which syn does not parse: `a::b::c`.
fn tokens(stream: TokenStream, paths: &mut Vec<ModulePath>) {
    let mut path: ModulePath = Vec::new();
    let mut colons = 0;
    for token in stream {
        match token {
            TokenTree::Ident(ident) => {
                if colons != 2 {
                    paths.push(std::mem::take(&mut path));
                }
                path.push(ident.to_string());
                colons = 0;
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
            other => {
                paths.push(std::mem::take(&mut path));
                colons = 0;
                if let TokenTree::Group(group) = other {
                    tokens(group.stream(), paths);
                }
            }
        }
    }
    paths.push(path);
    paths.retain(|path| !path.is_empty());
}

/// All files by module: `src/store/tx.rs` is `["store", "tx"]`, `src/lib.rs` is `[]`.
struct Tree(BTreeMap<ModulePath, Source>);

impl Tree {
    fn of(files: &[(String, String)]) -> Self {
        let mut sources = BTreeMap::new();
        for (path, text) in files {
            let module: ModulePath = match path.as_str() {
                "lib.rs" => Vec::new(),
                path => path
                    .trim_end_matches(".rs")
                    .split('/')
                    .map(str::to_owned)
                    .collect(),
            };
            let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
            if is_test(&file.attrs) {
                continue;
            }
            let mut source = Source {
                items: file
                    .items
                    .iter()
                    .filter(|item| !is_test(attributes(item)))
                    .filter_map(name)
                    .collect(),
                ..Source::default()
            };
            source.visit_file(&file);
            sources.insert(module, source);
        }
        // Files that a test module declares are tests, too.
        let tests: Vec<ModulePath> = files
            .iter()
            .flat_map(|(path, text)| test_modules(path, text))
            .collect();
        sources.retain(|module: &ModulePath, _| !tests.iter().any(|test| module.starts_with(test)));
        Self(sources)
    }

    /// Makes a path of a file absolute: without `crate`, `super` and `self`; none for another crate's.
    fn absolute(&self, module: &ModulePath, path: &[String], is_import: bool) -> Option<ModulePath> {
        let first = path.first()?;
        let mut from = module.clone();
        match first.as_str() {
            "crate" | "afterword" => return Some(path[1..].to_vec()),
            "super" | "self" => {
                let mut rest = path;
                while let Some((step, left)) = rest.split_first()
                    && (step == "super" || step == "self")
                {
                    if step == "super" {
                        from.pop()?;
                    }
                    rest = left;
                }
                from.extend(rest.iter().cloned());
                return Some(from);
            }
            _ => {}
        }
        let source = self.0.get(module)?;
        let imported = source.imports.iter().filter(|(local, _)| local == first);
        // A module and a function may share a name.
        let mut targets: Vec<ModulePath> = imported
            .filter(|(_, target)| !is_import || target.first() != Some(first))
            .filter_map(|(_, target)| self.absolute(module, target, true))
            .collect();
        targets.sort_by_key(|target| !self.0.contains_key(target));
        if path.len() == 1 {
            targets.reverse();
        }
        if let Some(mut target) = targets.into_iter().next() {
            target.extend(path[1..].iter().cloned());
            return Some(target);
        }
        from.push(first.clone());
        if self.0.contains_key(&from) {
            from.extend(path[1..].iter().cloned());
            return Some(from);
        }
        None
    }

    /// The module of the file that defines the target of an absolute path, through re-exports.
    fn defined_in(&self, path: &[String], depth: usize) -> Option<ModulePath> {
        if depth > 16 {
            return None;
        }
        let mut module: ModulePath = Vec::new();
        for (at, part) in path.iter().enumerate() {
            let mut child = module.clone();
            child.push(part.clone());
            if self.0.contains_key(&child) {
                module = child;
                continue;
            }
            let source = self.0.get(&module)?;
            if source.items.contains(part) {
                return Some(module);
            }
            let target = source.imports.iter().find(|(local, _)| local == part);
            return match target {
                Some((_, target)) => {
                    let mut target = self.absolute(&module, target, true)?;
                    target.extend(path[at + 1..].iter().cloned());
                    self.defined_in(&target, depth + 1)
                }
                // Defined by a macro of the module.
                None => Some(module),
            };
        }
        // The path ends at a module: naming it is not a use.
        None
    }

    fn uses(&self) -> BTreeMap<ModulePath, BTreeSet<ModulePath>> {
        let mut all = BTreeMap::new();
        for (module, source) in &self.0 {
            let mut used = BTreeSet::new();
            let imports = source
                .imports
                .iter()
                .filter_map(|(_, path)| self.absolute(module, path, true));
            let paths = source
                .paths
                .iter()
                .filter(|path| path.len() > 1)
                .filter_map(|path| self.absolute(module, path, false));
            for path in imports.chain(paths) {
                used.extend(self.defined_in(&path, 0).filter(|target| target != module));
            }
            all.insert(module.clone(), used);
        }
        all
    }
}

fn test_modules(path: &str, text: &str) -> Vec<ModulePath> {
    let file = syn::parse_file(text).expect("parsed before");
    let base: ModulePath = match path {
        "lib.rs" | "main.rs" => Vec::new(),
        path => path
            .trim_end_matches(".rs")
            .split('/')
            .map(str::to_owned)
            .collect(),
    };
    let tests = file.items.iter().filter_map(|item| match item {
        Item::Mod(item) if item.content.is_none() && is_test(&item.attrs) => Some(item.ident.to_string()),
        _ => None,
    });
    tests
        .map(|name| base.iter().cloned().chain([name]).collect())
        .collect()
}

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
    let beside = [
        ("lib.rs", "mod jobs; mod view;"),
        ("jobs.rs", "pub fn g() { crate::view::f() }"),
        ("view.rs", "pub fn f() {}"),
    ];
    assert_eq!(upwards(&made_up(&beside)), ["jobs uses view"]);
    let down = [
        ("lib.rs", "mod model; mod service;"),
        ("model.rs", "pub fn g() {}"),
        ("service.rs", "pub fn f() { crate::model::g() }"),
    ];
    assert_eq!(upwards(&made_up(&down)), Vec::<String>::new());
}
