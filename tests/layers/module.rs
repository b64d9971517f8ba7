//! The modules of a crate, and what each file imports of the others.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemUse, UseTree};

/// A module's path from its crate's root.
type Names = Vec<String>;

/// Every module that has a file.
pub(crate) struct Modules {
    files: BTreeMap<Names, File>,
}

#[derive(Default)]
struct File {
    path: PathBuf,
    /// Paths that it names, in full.
    named: BTreeSet<Names>,
    /// Its modules that only tests have.
    tests: BTreeSet<Names>,
    /// What it passes on under its own name: the name, and where it is from.
    passed_on: BTreeMap<String, Names>,
}

impl Modules {
    pub(crate) fn read(source: &Path) -> Self {
        let mut modules = Modules { files: BTreeMap::new() };
        modules.read_folder(source, source, &vec![]);
        let tests: Vec<_> =
            modules.files.values().flat_map(|file| file.tests.iter().cloned()).collect();
        modules.files.retain(|names, _| !tests.contains(names));
        modules
    }

    fn read_folder(&mut self, source: &Path, folder: &Path, names: &Names) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
            let inner = [names.as_slice(), std::slice::from_ref(&stem)].concat();
            if path.is_dir() {
                self.read_folder(source, &path, &inner);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let names = if matches!(&*stem, "mod" | "lib") { names.clone() } else { inner };
                let text = fs::read_to_string(&path).expect("a text");
                let parsed = syn::parse_file(&text).expect("Rust");
                let mut file = File { path: relative(source, &path), ..File::default() };
                Reader { names: &names, file: &mut file }.visit_file(&parsed);
                self.files.insert(names, file);
            }
        }
    }

    pub(crate) fn imports(&self) -> BTreeMap<PathBuf, BTreeSet<PathBuf>> {
        let imports = |file: &File| {
            let found = file.named.iter().filter_map(|path| self.defining(path, 0));
            found.map(|other| other.path.clone()).filter(|path| *path != file.path).collect()
        };
        self.files.values().map(|file| (file.path.clone(), imports(file))).collect()
    }

    /// The file that defines what a path names.
    fn defining(&self, path: &Names, depth: usize) -> Option<&File> {
        let length = (0..=path.len()).rev().find(|&n| self.files.contains_key(&path[..n]))?;
        let file = &self.files[&path[..length]];
        let from = path.get(length).and_then(|name| file.passed_on.get(name));
        match from {
            Some(from) if depth < 8 => self.defining(from, depth + 1),
            _ => Some(file),
        }
    }
}

struct Reader<'a> {
    names: &'a Names,
    file: &'a mut File,
}

impl Reader<'_> {
    /// A path in full, from the crate, this module or the one above. Without a first word that says where, it
    /// is of this module or of another crate; the latter is then taken for this file's own, which counts for
    /// nothing.
    fn full(&self, segments: &[String]) -> Option<Names> {
        let (first, rest) = segments.split_first()?;
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => Some([self.names.as_slice(), rest].concat()),
            "super" => {
                let above = rest.iter().take_while(|name| *name == "super").count();
                let keep = self.names.len().checked_sub(above + 1)?;
                Some([&self.names[..keep], &rest[above..]].concat())
            }
            _ => Some([self.names.as_slice(), segments].concat()),
        }
    }

    fn use_tree(&mut self, tree: &UseTree, before: &[String], public: bool) {
        let with = |name: String| [before, &[name]].concat();
        match tree {
            UseTree::Path(path) => self.use_tree(&path.tree, &with(path.ident.to_string()), public),
            UseTree::Name(name) => {
                self.used(before, name.ident.to_string(), &name.ident.to_string(), public)
            }
            UseTree::Rename(name) => {
                self.used(before, name.ident.to_string(), &name.rename.to_string(), public);
            }
            UseTree::Glob(_) => self.used(before, "*".to_owned(), "*", public),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.use_tree(tree, before, public);
                }
            }
        }
    }

    fn used(&mut self, before: &[String], name: String, known_as: &str, public: bool) {
        let path = match name.as_str() {
            "self" => before.to_vec(),
            _ => [before, &[name]].concat(),
        };
        let Some(path) = self.full(&path) else { return };
        if public {
            self.file.passed_on.insert(known_as.to_owned(), path.clone());
        }
        self.file.named.insert(path);
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Mod(item) if item.content.is_none() && item.attrs.iter().any(is_of_tests) => {
                let name = item.ident.to_string();
                self.file.tests.insert([self.names.as_slice(), &[name]].concat());
            }
            _ if attributes(item).iter().any(is_of_tests) => {}
            _ => visit::visit_item(self, item),
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let public = !matches!(item.vis, syn::Visibility::Inherited);
        self.use_tree(&item.tree, &[], public);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<_> =
            path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if segments.len() > 1
            && let Some(full) = self.full(&segments)
        {
            self.file.named.insert(full);
        }
        visit::visit_path(self, path);
    }
}

fn relative(source: &Path, path: &Path) -> PathBuf {
    path.strip_prefix(source).expect("inside").to_owned()
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Mod(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        _ => &[],
    }
}

fn is_of_tests(attribute: &Attribute) -> bool {
    let text = |list: &syn::MetaList| list.tokens.to_string();
    attribute.path().is_ident("cfg")
        && attribute.meta.require_list().is_ok_and(|list| text(list).contains("test"))
}
