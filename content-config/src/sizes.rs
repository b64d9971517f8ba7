//! How big the 402 of each rule is, and whether it fits.

use cloudfront::limits::GENERATED_RESPONSE_BYTES;
use price_table::challenge::{
    MAX_HEADER_BYTES, MAX_PAGE_BYTES, answer_bytes, header_bytes, resource_url,
};
use price_table::page;
use price_table::{Key, Listing, Rule, Sale, Site};

use crate::assign::Winner;
use crate::code::Code;
use crate::objects::Found;
use crate::report::Problem;
use crate::resolve::ResolvedRule;

/// The size of each priced rule's biggest challenge header; 0 for the others. Of one rule's
/// challenges the biggest is that of the object with the longest URL and MIME type: nothing else
/// differs.
pub(crate) fn check(
    site: &Site,
    rules: &[ResolvedRule],
    objects: &[Found],
    winners: &[Winner],
    problems: &mut Vec<Problem>,
) -> Vec<usize> {
    let longest_site = site.urls.iter().max_by_key(|url| url.len()).map_or("", |url| url);
    let mut sizes = Vec::with_capacity(rules.len());
    for (resolved, longest) in rules.iter().zip(longest(rules, objects, winners)) {
        let priced = resolved.rule.as_ref().filter(|rule| matches!(rule.sale, Sale::Priced { .. }));
        let (Some(rule), Some((_, found))) = (priced, longest) else {
            sizes.push(0);
            continue;
        };
        let listing = listing(site, found, rule);
        let url = resource_url(longest_site, &listing);
        let (header, answer) = (header_bytes(&listing, &url), answer_bytes(&listing, &url));
        let page = site.page.as_deref().map_or(0, |page| page::bytes(page, &listing, &url));
        if let Some((over, label, help)) = over(header, answer) {
            let message = format!("the 402 for `{}` is {over} bytes over its cap", found.key);
            problems.push(
                Problem::new(Code::ChallengeTooBig, message)
                    .at(resolved.span.clone(), label)
                    .help(help),
            );
        } else if page > MAX_PAGE_BYTES {
            let over = page - MAX_PAGE_BYTES;
            let message = format!("the page for `{}` is {over} bytes over its cap", found.key);
            problems.push(
                Problem::new(Code::PageTooBig, message)
                    .at(resolved.span.clone(), format!("{page} bytes; {MAX_PAGE_BYTES} fit"))
                    .help(
                        "shorten title and description, accept fewer tokens, or write `page = false` in [site]: \
                         browsers are then answered as software is",
                    ),
            );
        }
        sizes.push(header);
    }
    sizes
}

/// By how much a 402 is too big, in which measure, and what to do.
fn over(header: usize, answer: usize) -> Option<(usize, String, &'static str)> {
    if header > MAX_HEADER_BYTES {
        return Some((
            header - MAX_HEADER_BYTES,
            format!("{header} bytes of header; {MAX_HEADER_BYTES} fit"),
            "shorten the description, or accept fewer tokens; 4 bytes of header carry 3 of text",
        ));
    }
    (answer > GENERATED_RESPONSE_BYTES).then(|| {
        (
            answer - GENERATED_RESPONSE_BYTES,
            format!("{answer} bytes of headers and body; CloudFront takes {GENERATED_RESPONSE_BYTES}"),
            "shorten the description, which the body repeats for each token, or accept fewer tokens",
        )
    })
}

/// The object of each rule with the longest URL and MIME type.
fn longest<'f>(
    rules: &[ResolvedRule],
    objects: &'f [Found],
    winners: &[Winner],
) -> Vec<Option<(usize, &'f Found)>> {
    let path_bytes = |key: &str| Key::parse(key).map_or(0, |key| key.to_uri_path().len());
    let mut longest: Vec<Option<(usize, &Found)>> = vec![None; rules.len()];
    for (object, winner) in objects.iter().zip(winners) {
        let Winner::Rule(rule) = winner else { continue };
        let own_type = rules[*rule].rule.as_ref().is_some_and(|rule| rule.mime_type.is_none());
        let mime_type = if own_type { json_bytes(&object.mime_type) } else { 0 };
        let bytes = path_bytes(&object.key) + mime_type;
        if longest[*rule].is_none_or(|(most, _)| bytes > most) {
            longest[*rule] = Some((bytes, object));
        }
    }
    longest
}

/// How long printable ASCII is in JSON.
fn json_bytes(text: &str) -> usize {
    text.len() + text.matches(['"', '\\']).count()
}

fn listing<'a>(site: &'a Site, found: &'a Found, rule: &'a Rule) -> Listing<'a> {
    Listing {
        object: found.object(0, 0),
        rule,
        mime_type: rule.mime_type.as_deref().unwrap_or(&found.mime_type),
        shop: site.discovery.as_ref(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_cap_is_one() {
        assert_eq!(over(MAX_HEADER_BYTES, GENERATED_RESPONSE_BYTES), None);
        assert_eq!(over(MAX_HEADER_BYTES + 1, 0).unwrap().0, 1);
        let (bytes, label, _) = over(MAX_HEADER_BYTES, 40_963).unwrap();
        assert_eq!(
            (bytes, label.as_str()),
            (3, "40963 bytes of headers and body; CloudFront takes 40960")
        );
    }
}
