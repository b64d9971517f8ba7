//! What catalogues show of a site and a rule. The limits are those of
//! [the extension](https://github.com/x402-foundation/x402/blob/main/specs/extensions/bazaar.md); over them, the
//! buyers' library `@x402/core` refuses the whole 402, and nobody can pay.

use std::ops::Range;

use price_table::{Shop, Text};

use super::values::duplicates;
use crate::code::Code;
use crate::report::Problem;
use crate::schema::{self, At};
use crate::web_url;

/// The longest name, and the longest tag, characters.
const MAX_NAME: usize = 32;

/// The most tags.
const MAX_TAGS: usize = 5;

/// The longest URL of an icon, characters.
const MAX_ICON: usize = 2_048;

/// The longest description, characters: over it, Coinbase's Developer Platform answers every payment with 400.
/// <https://docs.cdp.coinbase.com/api-reference/v2/rest-api/x402-facilitator>
const MAX_DESCRIPTION: usize = 500;

/// The longest contact, bytes, since refusals repeat it: as long as an e-mail address may be.
/// <https://www.rfc-editor.org/errata/eid1690>
const MAX_CONTACT: usize = 254;

/// The description of a rule; a wrong one is reported and stands for itself.
pub(super) fn description(text: Option<&At<String>>, problems: &mut Vec<Problem>) -> String {
    let Some(text) = text else { return String::new() };
    let characters = text.get_ref().chars().count();
    if characters > MAX_DESCRIPTION {
        problems.push(bad(
            "the description is too long",
            text.span(),
            format!("{characters} characters; {MAX_DESCRIPTION} fit"),
            "shorten it: facilitators refuse every payment for what is described at greater length",
        ));
    }
    text.get_ref().clone()
}

/// `name`, `tags` and `icon` of a site.
pub(super) fn shop(text: &schema::Site, problems: &mut Vec<Problem>) -> Option<Shop> {
    let before = problems.len();
    if let Some(name) = &text.name {
        problems.extend(word("the site's name", name));
    }
    let tags = text.tags.as_ref().map_or(&[][..], |tags| tags.get_ref());
    problems.extend(tags.iter().filter_map(|tag| word("a tag", tag)));
    if let (Some(tag), Some(all)) = (tags.get(MAX_TAGS), &text.tags) {
        let label = format!("{} tags; {MAX_TAGS} fit", all.get_ref().len());
        problems.push(bad("there are too many tags", tag.span(), label, "keep the best ones"));
    }
    let named: Vec<_> = tags.iter().map(|tag| (tag.clone(), tag.get_ref())).collect();
    duplicates("a tag", &named, problems);
    problems.extend(text.icon.as_ref().and_then(icon));
    let own = |text: &At<String>| Text::from(text.get_ref().clone());
    (problems.len() == before).then(|| Shop {
        name: text.name.as_ref().map(own),
        tags: tags.iter().map(own).collect::<Vec<_>>().into(),
        icon: text.icon.as_ref().map(own),
    })
}

/// `contact` of a site: `Some(None)` if there is none.
pub(super) fn contact(text: &schema::Site, problems: &mut Vec<Problem>) -> Option<Option<String>> {
    let Some(contact) = &text.contact else { return Some(None) };
    let given = contact.get_ref();
    let label = match given.len() {
        long if long > MAX_CONTACT => format!("{long} bytes; {MAX_CONTACT} fit"),
        _ if is_address(given) || web_url::base(given).is_ok() => return Some(Some(given.clone())),
        _ => "neither an e-mail address nor an https URL".to_owned(),
    };
    let help = "write `shop@example.com` or `https://example.com/contact`";
    problems.push(bad("nobody can be asked at this contact", contact.span(), label, help));
    None
}

/// As much of an e-mail address as can be told without sending to it.
fn is_address(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_graphic() && !"<>()[],;:\\\"@".contains(c);
    text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && name.chars().all(plain) && web_url::is_host(host) && host.contains('.')
    })
}

fn word(what: &str, text: &At<String>) -> Option<Problem> {
    let given = text.get_ref();
    let printable = given.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
    let label = match given.len() {
        0 => "this is empty".to_owned(),
        _ if !printable => "only printable ASCII may be in it".to_owned(),
        1..=MAX_NAME => return None,
        long => format!("{long} characters; {MAX_NAME} fit"),
    };
    let help = format!("write 1 to {MAX_NAME} letters, digits, spaces and signs of ASCII");
    Some(bad(&format!("{what} cannot be {given:?}"), text.span(), label, &help))
}

fn icon(text: &At<String>) -> Option<Problem> {
    let given = text.get_ref();
    let label = match given.len() {
        long if long > MAX_ICON => format!("{long} characters; {MAX_ICON} fit"),
        _ if web_url::is_public(given) => return None,
        _ => "not an http or https URL of a named host that everybody reaches".to_owned(),
    };
    let help =
        "write such as `https://example.com/icon.png`: no IP address, no localhost, no user name";
    Some(bad("catalogues would not take this icon", text.span(), label, help))
}

fn bad(message: &str, span: Range<usize>, label: String, help: &str) -> Problem {
    Problem::new(Code::BadListing, message).at(span, label).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_count_and_not_bytes() {
        for (characters, problems) in [(MAX_DESCRIPTION, 0), (MAX_DESCRIPTION + 1, 1)] {
            let mut found = Vec::new();
            let text = At::new(0..1, "é".repeat(characters));
            assert_eq!(&description(Some(&text), &mut found), text.get_ref());
            assert_eq!(found.len(), problems);
        }
    }

    #[test]
    fn addresses() {
        for good in ["a@example.com", "a.b+c@x.example.org", "o'neil@example.com"] {
            assert!(is_address(good), "{good}");
        }
        for wrong in [
            "",
            "@example.com",
            "a@",
            "a@localhost",
            "a b@example.com",
            "A <a@example.com>",
            "a@b@example.com",
        ] {
            assert!(!is_address(wrong), "{wrong}");
        }
    }
}
