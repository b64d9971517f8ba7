//! `sample` and `sample_file` of a rule: what an answer looks like, of the seller's own making.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::ResolvedRule;
use crate::code::Code;
use crate::report::Problem;
use crate::schema::{Content, ObjectsFrom, RuleText, SampleText};

/// The most bytes of a sample, as JSON: it stands in each copy of the 402 and in what every buyer sends back.
const MAX_BYTES: usize = 200;

/// Gives each rule its sample, and warns of rules that catalogues cannot describe.
pub(crate) fn add(
    content: &Content,
    content_toml: &Path,
    rules: &mut [ResolvedRule],
    problems: &mut Vec<Problem>,
) {
    let listed = content.site.discovery.as_ref().is_some_and(|wanted| *wanted.get_ref());
    for (text, resolved) in content.rules.iter().zip(rules) {
        let sample =
            text.sample.as_ref().and_then(|sample| json(sample, content, content_toml, problems));
        if listed && resolved.quote.is_some() {
            problems.extend(undescribed(text, resolved));
        }
        if let Some(rule) = &mut resolved.rule {
            rule.sample = sample.map(Into::into);
        }
    }
}

fn undescribed(text: &RuleText, resolved: &ResolvedRule) -> Option<Problem> {
    let has = text.description.as_ref().is_some_and(|text| !text.get_ref().trim().is_empty());
    (!has).then(|| {
        Problem::new(Code::NoDescription, "the rule has no description")
            .at(resolved.span.clone(), "catalogues list what it sells")
            .help(
                "add `description = \"...\"`, at most 500 characters: agents search it, and those built on AgentKit \
                 leave out what has none",
            )
    })
}

fn json(
    sample: &SampleText,
    content: &Content,
    content_toml: &Path,
    problems: &mut Vec<Problem>,
) -> Option<String> {
    let read = match sample {
        SampleText::Value(value) => of_value(value.get_ref()),
        SampleText::File(name) => of_file(name.get_ref(), content, content_toml),
    };
    let span = match sample {
        SampleText::Value(value) => value.span(),
        SampleText::File(name) => name.span(),
    };
    read.map_err(|(label, help)| {
        let message = "the sample cannot be shown";
        problems.push(Problem::new(Code::BadSample, message).at(span, label).help(help));
    })
    .ok()
}

type Bad = (String, &'static str);

fn of_value(value: &Value) -> Result<String, Bad> {
    let json = value.to_string();
    match json.len() {
        ..=MAX_BYTES => Ok(json),
        long => Err((
            format!("{long} bytes of JSON; {MAX_BYTES} fit"),
            "show less: a few members tell what the answer is like",
        )),
    }
}

/// JSON as it is; of a text as much as fits.
fn of_file(name: &str, content: &Content, content_toml: &Path) -> Result<String, Bad> {
    let folder = content_toml.parent().unwrap_or(Path::new(""));
    let path = folder.join(name);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => {
            return Err((format!("{error}"), "name a text or JSON file beside content.toml"));
        }
    };
    if let Some(ObjectsFrom::Folder(sold)) = &content.site.objects {
        let places = (folder.join(sold.get_ref()).canonicalize(), path.canonicalize());
        if matches!(&places, (Ok(sold), Ok(path)) if path.starts_with(sold)) {
            return Err((
                "this file is in the folder of what is sold".to_owned(),
                "a sample is free for all: put what may be seen into a file of its own, outside of that folder",
            ));
        }
    }
    if let Ok(value @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(&text) {
        return of_value(&value);
    }
    match beginning(&text) {
        "" => Err((
            "there is nothing in it".to_owned(),
            "write a few lines of what the answer is like",
        )),
        shown => of_value(&shown.into()),
    }
}

/// As much of a text as fits as JSON, of which each of its bytes takes one at least.
fn beginning(text: &str) -> &str {
    let mut shown = text[..text.floor_char_boundary(MAX_BYTES)].trim_end();
    while Value::from(shown).to_string().len() > MAX_BYTES {
        shown = &shown[..shown.floor_char_boundary(shown.len() - 1)];
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_hundred_bytes_of_json_fit() {
        let of = |length| of_value(&"x".repeat(length).into());
        assert_eq!(of(MAX_BYTES - 2).unwrap().len(), MAX_BYTES);
        assert_eq!(of(MAX_BYTES - 1).unwrap_err().0, "201 bytes of JSON; 200 fit");
    }

    #[test]
    fn of_a_long_text_the_beginning_is_shown() {
        // A pass over all of it for each byte that is left out would last for days.
        for line in ["a,b\n", "é\u{2028}\"", "\u{1}"] {
            let text = line.repeat(1 << 20);
            let shown = beginning(&text);
            let length = Value::from(shown).to_string().len();
            assert!(
                text.starts_with(shown) && (MAX_BYTES - 8..=MAX_BYTES).contains(&length),
                "{shown}"
            );
        }
        assert_eq!(beginning("a \n\n"), "a");
    }
}
