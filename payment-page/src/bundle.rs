//! One script from modules that import each other by name.
//!
//! What the modules keep to, and what is checked: imports stand at the start, `import { a, b } from './file.js';`;
//! exports are declarations; no two modules declare one name at their top; none import each other in a circle; a
//! comment has its lines to itself.

use std::collections::{BTreeMap, BTreeSet};

/// Where the script begins.
const ENTRY: &str = "main.js";

/// The modules by name, as one script.
///
/// # Panics
///
/// They are not as above. They are in this crate, and a test bundles them.
pub(crate) fn bundle(modules: BTreeMap<&str, &str>) -> String {
    let mut script = Script {
        modules,
        done: BTreeSet::new(),
        declared: BTreeMap::new(),
        open: Vec::new(),
        text: String::new(),
    };
    script.add(ENTRY);
    let unused: Vec<_> = script.modules.keys().filter(|it| !script.done.contains(**it)).collect();
    assert!(unused.is_empty(), "nobody imports {unused:?}");
    format!("(()=>{{'use strict';\n{}}})();\n", script.text)
}

struct Script<'a> {
    modules: BTreeMap<&'a str, &'a str>,
    done: BTreeSet<&'a str>,
    /// By whom a name is declared at the top.
    declared: BTreeMap<&'a str, &'a str>,
    /// Those that are waiting for what they import.
    open: Vec<&'a str>,
    text: String,
}

impl<'a> Script<'a> {
    /// Adds a module, after those that it imports.
    fn add(&mut self, name: &str) {
        let known = self.modules.get_key_value(name).map(|(name, text)| (*name, *text));
        let (name, text) = known.unwrap_or_else(|| panic!("there is no {name}"));
        if self.done.contains(name) {
            return;
        }
        assert!(!self.open.contains(&name), "{name} imports itself by {:?}", self.open);
        self.open.push(name);
        for line in text.lines() {
            let line = line.strip_prefix("export ").unwrap_or(line);
            let Some(declared) = declared(line) else { continue };
            let other = self.declared.insert(declared, name);
            assert_eq!(other, None, "{name} declares {declared} as well");
        }
        let mut rest = without_comments(text);
        while let Some((import, after)) = first_import(&rest) {
            let from = import.split('\'').nth(1).and_then(|path| path.strip_prefix("./"));
            self.add(from.unwrap_or_else(|| panic!("{name}: {import}")));
            rest = after;
        }
        assert!(!rest.lines().any(|line| line.starts_with("import ")), "{name}: a late import");
        for line in rest.lines() {
            let declared = line.strip_prefix("export ").unwrap_or(line);
            assert!(
                declared == line || self::declared(declared).is_some(),
                "{name}: {line}: only declarations are exported"
            );
            self.text += declared;
            self.text.push('\n');
        }
        self.open.pop();
        self.done.insert(name);
    }
}

/// The name that a line declares, if it stands at the top of its module: inside of something it is indented.
fn declared(line: &str) -> Option<&str> {
    let kinds = ["const ", "let ", "function ", "async function ", "class "];
    let rest = kinds.iter().find_map(|kind| line.strip_prefix(kind))?;
    rest.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').next()
}

/// The import at the start of a text, and what follows it.
fn first_import(text: &str) -> Option<(String, String)> {
    if !text.starts_with("import ") {
        return None;
    }
    let end = text.find(";\n").map_or(text.len(), |at| at + 2);
    Some((text[..end].to_owned(), text[end..].to_owned()))
}

/// Without lines that are comments, and without what indents the others.
fn without_comments(text: &str) -> String {
    let mut inside = false;
    let mut kept = String::new();
    for line in text.lines().map(str::trim) {
        if inside || line.starts_with("/*") {
            inside = !line.ends_with("*/");
        } else if !line.is_empty() && !line.starts_with("//") {
            kept += line;
            kept.push('\n');
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(modules: &[(&'static str, &'static str)]) -> String {
        bundle(modules.iter().copied().collect())
    }

    #[test]
    fn what_is_imported_comes_first_and_once() {
        let script = of(&[
            (
                "main.js",
                "// @ts-check\nimport { a } from './a.js';\nimport {\n  b,\n} from './b.js';\n\na(b);\n",
            ),
            (
                "a.js",
                "import { b } from './b.js';\n/** Says b. */\nexport function a() {\n  return b;\n}\n",
            ),
            ("b.js", "/**\n * A number.\n */\nexport const b = 1;\n"),
        ]);
        assert_eq!(
            script,
            "(()=>{'use strict';\nconst b = 1;\nfunction a() {\nreturn b;\n}\na(b);\n})();\n"
        );
    }

    #[test]
    #[should_panic(expected = "imports itself")]
    fn circles() {
        of(&[
            ("main.js", "import { a } from './a.js';\n"),
            ("a.js", "import { b } from './main.js';\n"),
        ]);
    }

    #[test]
    #[should_panic(expected = "nobody imports")]
    fn left_over() {
        of(&[("main.js", "run();\n"), ("a.js", "export const a = 1;\n")]);
    }

    #[test]
    #[should_panic(expected = "only declarations")]
    fn other_exports() {
        of(&[("main.js", "export { a };\n")]);
    }

    #[test]
    #[should_panic(expected = "declares a as well")]
    fn one_name_twice() {
        of(&[
            ("main.js", "import { a } from './a.js';\nconst a = 1;\n"),
            ("a.js", "export function a() {\n  const b = 1;\n}\nconst b = 1;\n"),
        ]);
    }

    #[test]
    #[should_panic(expected = "a late import")]
    fn late_imports() {
        of(&[
            ("main.js", "run();\nimport { a } from './a.js';\n"),
            ("a.js", "export const a = 1;\n"),
        ]);
    }
}
