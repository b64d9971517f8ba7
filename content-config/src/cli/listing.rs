//! `check --listing`: what catalogues make of what is sold, in words.

use std::io::{self, Write};
use std::path::Path;

use crate::Compiled;
use crate::listing::{
    Check, LIBRARIES, Listed, Object, PAYAI, Review, Seen, Verdict, Wanted, X402SCAN, refused,
};

use super::explain;

/// As wide as lists of names are shown, characters.
const WIDTH: usize = 100;

/// What a rule's `path`, a key or a URL names; everything, if it is empty. Or why that is nothing.
pub(super) fn wanted(compiled: &Compiled, asked: &str) -> Result<Wanted, String> {
    if asked.is_empty() {
        return Ok(Wanted::All);
    }
    if let Some(rule) = compiled.notes().iter().position(|note| note.pattern.as_str() == asked) {
        return Ok(Wanted::Rule(rule));
    }
    let key = explain::key(compiled, asked).map_err(|bad| format!("{asked}: {bad}"))?;
    if compiled.listing(&key).is_some() {
        return Ok(Wanted::Key(key));
    }
    let near = explain::nearest_keys(compiled, &key);
    let near =
        if near.is_empty() { String::new() } else { format!("; near it: {}", near.join(", ")) };
    Err(format!("{asked} is neither the `path` of a rule nor an object{near}"))
}

/// Prints it.
pub(super) fn text(path: &Path, review: &Review, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}: looked at {}", path.display(), review.covered)?;
    // What passes is of interest by name to who asks about one.
    let names = review.objects.len() == 1;
    if !review.site.is_empty() {
        writeln!(out, "\nthe site, to x402scan and agentcash")?;
        checks(&review.site, true, out)?;
    }
    for object in &review.objects {
        self::object(object, names, out)?;
    }
    if review.discovery {
        let count = |verdict| review.checks().filter(|check| check.verdict == verdict).count();
        let (refused, advice) = (count(Verdict::Refused), count(Verdict::Advice));
        writeln!(out, "\n{refused} refused, {advice} advised")?;
        if count(Verdict::NeedsOnline) > 0 {
            writeln!(
                out,
                "what needs the deployed URL: `--online` has Coinbase's validator ask it"
            )?;
        }
    }
    Ok(())
}

fn object(object: &Object, names: bool, out: &mut dyn Write) -> io::Result<()> {
    let Object { key, url, rule, line, price, settle, catalogues, .. } = object;
    writeln!(out, "\n{key}: {price}, by {rule} (line {line})")?;
    writeln!(out, "  {url}")?;
    let bytes = settle.to_string().len();
    writeln!(out, "  told to /settle with each sale: resource and extensions, {bytes} bytes")?;
    for (nth, seen) in catalogues.iter().enumerate() {
        self::seen(seen, &catalogues[..nth], names, out)?;
    }
    Ok(())
}

fn seen(seen: &Seen, before: &[Seen], names: bool, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n  {}: {}", seen.catalogue, says(seen))?;
    let same = before.iter().find(|other| seen.shown.is_some() && other.shown == seen.shown);
    if let Some(same) = same {
        writeln!(out, "    {:<12} the same as {}", "shows", same.catalogue)?;
    } else if let Some(shown) = &seen.shown {
        let sample = shown.sample.as_ref().map(ToString::to_string);
        let or_none = |text: Option<&str>| text.unwrap_or("-").to_owned();
        let tags = if shown.tags.is_empty() { "-".to_owned() } else { shown.tags.join(", ") };
        for (name, value) in [
            ("name", or_none(shown.name.as_deref())),
            ("tags", tags),
            ("icon", or_none(shown.icon.as_deref())),
            ("description", or_none(shown.description.as_deref())),
            ("price", shown.price.clone()),
            ("url", shown.url.clone()),
            ("sample", or_none(sample.as_deref())),
        ] {
            // A description may have lines; a row has one.
            let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
            writeln!(out, "    {name:<12} {value}")?;
        }
    }
    checks(&seen.checks, names, out)?;
    if !seen.asked.is_empty() {
        writeln!(out, "    asked, it says")?;
        checks(&seen.asked, true, out)?;
    }
    Ok(())
}

/// What a catalogue does with the object.
fn says(seen: &Seen) -> String {
    match (seen.catalogue, seen.listing) {
        (LIBRARIES, Listed::Taken) => "read it".to_owned(),
        (LIBRARIES, _) => "refuse it, so that nobody can pay".to_owned(),
        (_, Listed::Refused) => "refuses it".to_owned(),
        (X402SCAN, _) => {
            "takes it when the site is registered, at https://www.x402scan.com/resources/register"
                .to_owned()
        }
        (_, Listed::Taken) => "lists it after its first sale".to_owned(),
        (catalogue, Listed::NotTold) => {
            let own = match catalogue {
                PAYAI => "facilitator.payai.network",
                _ => "api.cdp.coinbase.com",
            };
            let what = if refused(&seen.checks) { "would refuse it" } else { "would list it" };
            format!(
                "is not told of it, and {what}: it hears what its own facilitator, {own}, settles"
            )
        }
    }
}

fn checks(checks: &[Check], by_name: bool, out: &mut dyn Write) -> io::Result<()> {
    for verdict in [Verdict::Refused, Verdict::Advice] {
        let word = if verdict == Verdict::Refused { "refused" } else { "advice" };
        for check in checks.iter().filter(|check| check.verdict == verdict) {
            let message = check.message.as_deref().unwrap_or_default();
            writeln!(out, "    {word:<12} {}: {message}", check.name)?;
            if let Some(help) = &check.help {
                writeln!(out, "    {:<12} Help: {help}", "")?;
            }
        }
    }
    match checks.iter().filter(|check| check.verdict == Verdict::Passed).count() {
        0 => {}
        _ if by_name => names("passed", Verdict::Passed, checks, out)?,
        count => writeln!(out, "    {:<12} {count} of {} checks", "passed", checks.len())?,
    }
    names("needs online", Verdict::NeedsOnline, checks, out)
}

/// The names of the checks with a verdict, in lines.
fn names(word: &str, verdict: Verdict, checks: &[Check], out: &mut dyn Write) -> io::Result<()> {
    let mut lines = vec![String::new()];
    for check in checks.iter().filter(|check| check.verdict == verdict) {
        let line = lines.last_mut().expect("there is always one");
        if line.is_empty() {
            line.push_str(&check.name);
        } else if line.len() + check.name.len() < WIDTH {
            line.push_str(", ");
            line.push_str(&check.name);
        } else {
            line.push(',');
            lines.push(check.name.to_string());
        }
    }
    for (nth, line) in lines.iter().filter(|line| !line.is_empty()).enumerate() {
        writeln!(out, "    {:<12} {line}", if nth == 0 { word } else { "" })?;
    }
    Ok(())
}
