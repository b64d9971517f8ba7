//! From `content.toml` to the table.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use price_table::key::MAX_KEY_BYTES;
use price_table::{BodyVersion, Object, Objects, Redemptions, Seal, Site, Table};
use unicode_normalization::UnicodeNormalization as _;

use crate::assign::{Winner, assign};
use crate::code::Code;
use crate::compiled::{Compiled, RuleNote};
use crate::coverage::Coverage;
use crate::discovery;
use crate::documents;
use crate::nearest::{few, nearest};
use crate::objects::parts::Parts;
use crate::objects::published::Published;
use crate::objects::{Found, digests, folder, manifest};
use crate::page;
use crate::pattern::Pattern;
use crate::report::{Problem, Report, SourceFile, line_column};
use crate::resolve::{self, ResolvedRule};
use crate::schema::{self, At, Content, ObjectsFrom};
use crate::sizes;

/// Compiles a `content.toml` and the objects that it names.
///
/// # Errors
///
/// Every problem at once. With any error in the text there is no table.
pub fn compile(path: &Path) -> Result<Compiled, Report> {
    compile_in(path, Parts::default())
}

/// The same, with objects in other parts than the published ones are in.
///
/// # Errors
///
/// As [`compile`].
pub fn compile_in(path: &Path, parts: Parts) -> Result<Compiled, Report> {
    match fs::read_to_string(path) {
        Ok(text) => compile_read(path, text, parts),
        Err(error) => {
            let help = match error.kind() {
                io::ErrorKind::InvalidData => "save it as UTF-8",
                _ => "check the path; `--config` or CONTENT_CONFIG names the content.toml",
            };
            let problems = vec![cannot_read(path, &error).help(help)];
            let content = SourceFile { name: path.display().to_string(), text: String::new() };
            Err(Report::new(problems, content, SourceFile::default()))
        }
    }
}

/// Compiles a text as if it stood in the `content.toml` at `path`, which need not be there yet.
///
/// # Errors
///
/// As [`compile`].
pub fn compile_draft(path: &Path, text: String) -> Result<Compiled, Report> {
    compile_read(path, text, Parts::default())
}

fn compile_read(path: &Path, text: String, parts: Parts) -> Result<Compiled, Report> {
    let mut problems = Vec::new();
    let mut list = SourceFile::default();
    let compiled = compile_text(&text, path, parts, Timestamp::now(), &mut list, &mut problems);
    let content = SourceFile { name: path.display().to_string(), text };
    let report = Report::new(problems, content, list);
    match compiled {
        Some(mut compiled) if !report.has_errors() => {
            compiled.inputs.insert(0, path.to_owned());
            compiled.warnings = report;
            Ok(compiled)
        }
        _ => Err(report),
    }
}

fn compile_text(
    text: &str,
    path: &Path,
    parts: Parts,
    now: Timestamp,
    list: &mut SourceFile,
    problems: &mut Vec<Problem>,
) -> Option<Compiled> {
    let content = schema::parse(text, problems)?;
    let site = resolve::site(&content.site, problems);
    let look = resolve::page::look(&content, problems);
    let free_lines = resolve::log::free_lines(&content.log, problems);
    let mut rules = resolve::rules(&content, now, problems);
    resolve::samples::add(&content, path, &mut rules, problems);
    let endpoints = resolve::rpc::endpoints(&content.rpc, problems);
    endpoints.attach(&mut rules, problems);
    let redemptions =
        resolve::redemptions::redemptions(&content.redemptions, &endpoints, &rules, problems);
    if content.site.body == BodyVersion::V1 {
        resolve::v1::warnings(&rules, problems);
    }
    let published = published(&content, path, list, problems);
    let (origin, input, mut objects) = objects(&content, path, parts, list, problems)?;
    // From the bucket, of this or another version: they are made here.
    objects.retain(|object| !payment_page::is_file(&object.key));
    for object in &mut objects {
        published.correct(object);
    }
    if content.site.sealed {
        problems.extend(too_long(&objects).into_iter().chain(like_a_seal(&objects)));
    }
    let digests = content.site.digests;
    problems.extend(digests::missing(&objects).filter(|_| digests));
    let root = root_object(&content, &objects, problems);

    // With a pattern missing, objects would look as if nothing covered them.
    let patterns = rules.iter().map(|rule| rule.pattern.clone()).collect::<Option<Vec<_>>>()?;
    let winners = assign(&patterns, objects.iter().map(|object| object.key.as_str()));
    let spans: Vec<_> = rules.iter().map(|rule| rule.span.clone()).collect();
    Coverage { patterns: &patterns, spans: &spans, objects: &objects, winners: &winners, origin }
        .check(problems);

    let page = look.and_then(|look| {
        let logo = look.logo.as_ref();
        let logo = logo.and_then(|logo| page::logo(logo, &rules, &objects, &winners, problems));
        let name = content.site.name.as_ref().map(|name| name.get_ref().as_str());
        page::make(site.as_ref()?, name, &look, logo, &rules)
    });
    let template = page.as_ref().map(|page| page.template.clone().into());
    let (default_root_object, free_lines) = (root.map(Into::into), free_lines?);
    let site = Site { default_root_object, free_lines, page: template, ..site? };
    let notes = notes(text, &rules, patterns);
    let challenge_bytes = sizes::check(&site, &rules, &objects, &winners, problems);
    let table = table(site, redemptions?, rules, &objects, &winners, digests, problems)?;
    let folder = matches!(content.site.objects, Some(ObjectsFrom::Folder(_)));
    let folder = folder.then(|| input.clone());
    let record = content.site.published.as_ref().map(|name| beside(path, name));
    let inputs = [input].into_iter().chain(record.clone()).collect();
    let mut compiled = Compiled {
        table,
        notes,
        challenge_bytes,
        inputs,
        warnings: Report::default(),
        objects,
        documents: Vec::new(),
        page: Vec::new(),
        folder,
        record,
    };
    let mut add = |compiled: &mut Compiled, documents, at| {
        let line = line_column(text, at).0;
        let added = documents::publish(compiled, documents, line, &published);
        added.map_err(|bad| problems.push(too_many(&bad.to_string()))).ok()
    };
    if let Some(page) = page {
        let asked = content.page.span.as_ref().map_or(content.site.span.start, |span| span.start);
        compiled.page = add(&mut compiled, page::documents(page), asked)?.0;
    }
    if let Some(asked) = content.site.discovery.as_ref().filter(|wanted| *wanted.get_ref()) {
        let documents = discovery::documents(&compiled);
        let (added, own) = add(&mut compiled, documents, asked.span().start)?;
        compiled.documents = added;
        problems.extend(discovery::displaced(&own, asked.span()));
    }
    Some(compiled)
}

fn beside(content_toml: &Path, name: &At<String>) -> PathBuf {
    content_toml.parent().unwrap_or(Path::new("")).join(name.get_ref())
}

/// The record of what was published; before the first time there is none.
fn published(
    content: &Content,
    content_toml: &Path,
    list: &mut SourceFile,
    problems: &mut Vec<Problem>,
) -> Published {
    let Some(name) = &content.site.published else { return Published::default() };
    let path = beside(content_toml, name);
    match fs::read_to_string(&path) {
        Ok(text) => {
            *list = SourceFile { name: path.display().to_string(), text };
            let (published, bad) = Published::parse(&list.text);
            problems.extend(bad);
            published
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Published::default(),
        Err(error) => {
            problems.push(cannot_read(&path, &error).at(name.span(), "named here"));
            Published::default()
        }
    }
}

/// The objects, with the value that names their origin, and its path.
fn objects<'c>(
    content: &'c Content,
    content_toml: &Path,
    parts: Parts,
    list: &mut SourceFile,
    problems: &mut Vec<Problem>,
) -> Option<(&'c At<String>, PathBuf, Vec<Found>)> {
    let folder = content_toml.parent().unwrap_or(Path::new(""));
    let (origin, (found, bad)) = match content.site.objects.as_ref()? {
        ObjectsFrom::Folder(name) if holds(&folder.join(name.get_ref()), content_toml) => {
            problems.push(
                Problem::new(Code::BadObject, "the content folder holds content.toml itself")
                    .at(name.span(), "this folder")
                    .help("keep the content in a folder of its own, beside content.toml"),
            );
            return None;
        }
        ObjectsFrom::Folder(name) => (name, folder::scan(&folder.join(name.get_ref()), parts)),
        ObjectsFrom::Manifest(name) => {
            let path = folder.join(name.get_ref());
            list.name = path.display().to_string();
            match fs::read_to_string(&path) {
                Ok(text) => {
                    list.text = text;
                    (name, manifest::parse(&list.text))
                }
                Err(error) => (name, (Vec::new(), vec![cannot_read(&path, &error)])),
            }
        }
    };
    problems.extend(decomposed(&found).map(|problem| problem.at(origin.span(), "in here")));
    let complete = bad.is_empty();
    problems.extend(bad.into_iter().map(|problem| {
        // What is wrong with a file is shown where its folder is named.
        if problem.labels.is_empty() { problem.at(origin.span(), "found here") } else { problem }
    }));
    if complete && found.is_empty() {
        problems.push(
            Problem::new(
                Code::NoObjects,
                format!("there is nothing to sell in {:?}", origin.get_ref()),
            )
            .at(origin.span(), "no object in it")
            .help("add some; in a folder, names that begin with a dot are left out"),
        );
    }
    // Rules are not judged by half of the objects.
    (complete && !found.is_empty()).then(|| (origin, folder.join(origin.get_ref()), found))
}

/// A warning of keys that are not written as people type them. macOS and some archives keep names
/// with each accent after its letter: <https://www.unicode.org/reports/tr15/>.
fn decomposed(found: &[Found]) -> Option<Problem> {
    let keys = found.iter().map(|object| object.key.as_str());
    let keys: Vec<_> = keys.filter(|key| !unicode_normalization::is_nfc(key)).collect();
    let first: String = keys.first()?.nfc().collect();
    let message = format!("letters of {} are written in parts", few(keys.iter().copied()));
    Some(Problem::new(Code::DecomposedKey, message).help(format!(
        "who types such a name asks for {first:?}, which is another key and not for sale: rename \
         the file to NFC, with `convmv --nfc` for example"
    )))
}

fn holds(folder: &Path, file: &Path) -> bool {
    match (folder.canonicalize(), file.canonicalize()) {
        (Ok(folder), Ok(file)) => file.starts_with(folder),
        _ => false,
    }
}

/// A key that S3 cannot store with the seal before it.
fn too_long(objects: &[Found]) -> Option<Problem> {
    let most = MAX_KEY_BYTES - Seal::KEY_BYTES;
    let mut long = objects.iter().filter(|object| object.key.len() > most);
    let first = &long.next()?.key;
    let others = match long.count() {
        0 => String::new(),
        count => format!(", and {count} more keys are"),
    };
    let message = format!("the key {first:?} is too long for a sealed site{others}");
    Some(Problem::new(Code::BadObject, message).help(format!(
        "S3 stores 1,024 bytes, and the seal takes {}: make it {most} bytes or fewer",
        Seal::KEY_BYTES
    )))
}

/// A copy of the bucket has the seal for a folder, and what is on sale is told to everybody. A folder of that shape
/// would also be taken for the seal where that is lost. It may be it, so it is not named.
fn like_a_seal(objects: &[Found]) -> Option<Problem> {
    let is_one = |key: &str| key.split_once('/').is_some_and(|it| Seal::parse(it.0).is_some());
    let count = objects.iter().filter(|object| is_one(&object.key)).count();
    let message = format!("{count} objects lie in a folder whose name has the form of a seal");
    (count > 0).then(|| {
        Problem::new(Code::BadObject, message).help(
            "if it came from the bucket, take it out of the content, and keep its name to yourself; if it is yours, \
             rename it: 26 of a-z and 2-7 are the seal's",
        )
    })
}

fn root_object(
    content: &Content,
    objects: &[Found],
    problems: &mut Vec<Problem>,
) -> Option<String> {
    let root = content.site.default_root_object.as_ref()?;
    let key = root.get_ref();
    if objects.binary_search_by(|object| object.key.as_str().cmp(key)).is_ok() {
        return Some(key.clone());
    }
    let near = nearest(key, objects.iter().map(|object| object.key.as_str()));
    let help = near.map_or("publish it, or remove this key".to_owned(), |near| {
        format!("did you mean `{near}`?")
    });
    problems.push(
        Problem::new(Code::MissingRootObject, format!("there is no object {key:?}"))
            .at(root.span(), "`/` would lead nowhere")
            .help(help),
    );
    None
}

fn notes(text: &str, rules: &[ResolvedRule], patterns: Vec<Pattern>) -> Vec<RuleNote> {
    let lines = rules.iter().map(|rule| line_column(text, rule.span.start).0);
    let note = |(pattern, (line, rule)): (Pattern, (usize, &ResolvedRule))| {
        let ResolvedRule { quote, next, dry_run, .. } = rule;
        RuleNote { pattern, line, quote: quote.clone(), next: next.clone(), dry_run: *dry_run }
    };
    patterns.into_iter().zip(lines.zip(rules)).map(note).collect()
}

fn table(
    site: Site,
    redemptions: Redemptions,
    rules: Vec<ResolvedRule>,
    objects: &[Found],
    winners: &[Winner],
    digests: bool,
    problems: &mut Vec<Problem>,
) -> Option<Table> {
    let rules = rules.into_iter().map(|rule| rule.rule).collect::<Option<Vec<_>>>()?;
    let mut mime_types: Vec<&str> = Vec::new();
    let mut index: HashMap<&str, usize> = HashMap::new();
    let mut rows = Vec::with_capacity(objects.len());
    for (found, winner) in objects.iter().zip(winners) {
        let Winner::Rule(rule) = winner else { return None };
        let mime_type = *index.entry(&found.mime_type).or_insert_with(|| {
            mime_types.push(&found.mime_type);
            mime_types.len() - 1
        });
        let (Ok(rule), Ok(mime_type)) = (u16::try_from(*rule), u16::try_from(mime_type)) else {
            problems.push(too_many("a table holds 65,536 rules and MIME types at most"));
            return None;
        };
        let sha256 = digests::of(found).filter(|_| digests);
        rows.push(Object { sha256, ..found.object(rule, mime_type) });
    }
    let objects =
        Objects::build(&rows).map_err(|bad| problems.push(too_many(&bad.to_string()))).ok()?;
    let mime_types: Vec<_> = mime_types.into_iter().map(|t| t.to_owned().into()).collect();
    let (rules, mime_types) = (rules.into(), mime_types.into());
    Some(Table { site, redemptions, rules, mime_types, objects })
}

fn too_many(message: &str) -> Problem {
    Problem::new(Code::TooMany, message).help("sell the content through more than one distribution")
}

fn cannot_read(path: &Path, error: &io::Error) -> Problem {
    Problem::new(Code::Unreadable, format!("{} cannot be read: {error}", path.display()))
        .help("check the path and its permissions")
}
