//! The modules of a source tree, and which files each of them uses.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Attribute, Item, ItemUse, UseTree,
    visit::{self, Visit},
};

use super::ModulePath;

/// A source file: its module, its definitions, imports and paths.
#[derive(Default)]
pub(super) struct Source {
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
pub(super) struct Tree(pub(super) BTreeMap<ModulePath, Source>);

impl Tree {
    pub(super) fn of(files: &[(String, String)]) -> Self {
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

    /// For each module, the modules that it uses.
    pub(super) fn uses(&self) -> BTreeMap<ModulePath, BTreeSet<ModulePath>> {
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
