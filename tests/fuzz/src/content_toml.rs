//! A `content.toml`, as its seller may write it: it compiles, or each problem has a place in the text, and the report can be shown.

use std::path::Path;

pub(crate) fn target(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    // Without objects: only the text is looked at.
    let place = Path::new("nowhere/content.toml");
    match content_config::compile_draft(place, text.to_owned()) {
        Ok(compiled) => assert!(!compiled.file().is_empty()),
        Err(report) => {
            assert!(report.has_errors());
            assert!(!report.render(false).is_empty());
            for problem in report.problems() {
                if let Some((_, line, column)) = report.place(problem) {
                    assert!(line >= 1 && column >= 1, "{}", report.render(false));
                }
            }
        }
    }
}
