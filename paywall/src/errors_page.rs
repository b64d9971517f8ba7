//! `docs/errors.md` is made of the errors themselves: `UPDATE_DOCS=1 cargo test -p paywall --features aws errors_page`.

use std::fmt::Write as _;
use std::{env, fs};

use next_step::{Case, Catalogued};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/errors.md");

fn part(title: &str, about: &str, cases: &[Case]) -> String {
    let cell = |text: &str| match text {
        "" => "what it says".to_owned(),
        text => text.replace('|', "\\|").replace('\n', "<br>"),
    };
    let mut part = format!(
        "\n## {title}\n\n{about}\n\n| Error | What it says | What to do |\n|---|---|---|\n"
    );
    for Case { name, says, next } in cases {
        // Formatting into a String cannot fail.
        let _ = writeln!(part, "| `{name}` | {} | {} |", cell(says), cell(next));
    }
    part
}

#[test]
fn the_page_has_every_error() {
    let page = [
        "# Errors\n\nWhat `paywall` says when it does not go on, and how to go on. Made of the code by \
         `paywall/src/errors_page.rs`; words in braces are of the case at hand. What is wrong in a content.toml has a page of \
         its own, [content-config/README.md](../content-config/README.md); what buyers are told is in \
         [codes.md](codes.md).\n"
            .to_owned(),
        part("Beginning and building", "`init`, `build`, and what every command needs.", crate::error::Error::CATALOGUE),
        part("Rehearsing and buying", "`dev`, `pay`, `sign`.", edge_local::Error::CATALOGUE),
        part("Publishing, secrets, ways round", "`publish`, `secrets`, and what a deployment is judged by.", ship::Error::CATALOGUE),
        part("Sales and books", "`sales`, `books`, `refunds`.", books::Error::CATALOGUE),
        part("The report", "`report`.", report::Error::CATALOGUE),
        part("Trying a seller", "`prove`.", prove::Error::CATALOGUE),
        part("Going live", "`go-live`.", go_live::Error::CATALOGUE),
        part("Deploying", "`deploy`, `attach`, `watch`, `status`, `rollback`, `destroy`.", deployment::Error::CATALOGUE),
    ]
    .concat();
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(PAGE, &page).unwrap();
    }
    assert!(
        fs::read_to_string(PAGE).is_ok_and(|now| now == page),
        "docs/errors.md is not what the code says: UPDATE_DOCS=1"
    );
}
