//! In what runs on the edge, and in the tool around it, no two files of a crate import each other, by whatever detour.
//! (Between crates cargo sees to it.)
//!
//! Read are `use` declarations and the paths in types and expressions, but not what is inside macros. A
//! name that a module only re-exports counts as the file's that defines it. Tests are left out.

mod module;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use module::Modules;

type Graph = BTreeMap<PathBuf, BTreeSet<PathBuf>>;

/// What is left when files that import nothing of the rest are taken away, again and again: circles,
/// and what imports them.
fn circles(mut graph: Graph) -> Graph {
    loop {
        let free: Vec<_> =
            graph.iter().filter(|(_, to)| to.is_empty()).map(|(file, _)| file.clone()).collect();
        if free.is_empty() {
            return graph;
        }
        for file in &free {
            graph.remove(file);
        }
        for imports in graph.values_mut() {
            imports.retain(|file| !free.contains(file));
        }
    }
}

fn told(graph: &Graph) -> String {
    let line = |(file, imports): (&PathBuf, &BTreeSet<PathBuf>)| {
        let imports: Vec<_> = imports.iter().map(|file| file.display().to_string()).collect();
        format!("{} imports {}\n", file.display(), imports.join(", "))
    };
    graph.iter().map(line).collect()
}

#[test]
fn no_two_files_import_each_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    let crates = [
        "aws-control-plane",
        "bookkeeper",
        "books",
        "content-config",
        "deployment",
        "edge-fn",
        "edge-local",
        "go-live",
        "paywall",
        "paywall-core",
        "price-table",
        "prove",
        "ship",
        "site-secrets",
    ];
    let mut found = String::new();
    for name in crates {
        let modules = Modules::read(&root.join(name).join("src"));
        assert!(
            modules.imports().values().any(|imports| !imports.is_empty()),
            "{name}: nothing read"
        );
        let circles = told(&circles(modules.imports()));
        if !circles.is_empty() {
            found += &format!("{name}:\n{circles}");
        }
    }
    assert!(found.is_empty(), "files that import each other, and what imports them:\n{found}");
}

#[test]
fn a_circle_is_found_and_a_re_export_is_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("a file");
    };
    write("lib.rs", "mod a; mod b; mod c; pub use a::One;");
    write(
        "a.rs",
        "use crate::b::Two; pub struct One(Two); #[cfg(test)] mod tests { use crate::c::X; }",
    );
    write("b.rs", "pub struct Two; fn f() -> u8 { crate::c::three() }");
    write("c.rs", "pub fn three() -> u8 { 3 }");
    assert_eq!(told(&circles(Modules::read(folder.path()).imports())), "");
    write("c.rs", "pub fn three(_: super::One) -> u8 { 3 }");
    let found = told(&circles(Modules::read(folder.path()).imports()));
    assert!(found.contains("a.rs imports b.rs\nb.rs imports c.rs\nc.rs imports a.rs"), "{found}");
    write("c.rs", "");

    std::fs::create_dir(folder.path().join("d")).expect("a folder");
    write("d/mod.rs", "mod e; pub struct Five; fn f() { e::six() }");
    write("d/e.rs", "pub fn six() {}");
    assert_eq!(told(&circles(Modules::read(folder.path()).imports())), "");
    write("d/e.rs", "pub fn six(_: super::Five) {}");
    let found = told(&circles(Modules::read(folder.path()).imports()));
    assert!(found.contains("d/e.rs imports d/mod.rs\nd/mod.rs imports d/e.rs"), "{found}");
}
