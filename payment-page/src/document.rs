//! The document's template: what is the site's own put in, what differs between answers marked.

use price_table::page::{Slot, escape};

use crate::{File, Site, source};

/// The policy for what the document may load and run, in a `<meta>` that stands first: wallets may inject before it.
/// Styles cannot be allowed by hash; theirs is checked by `integrity`. `data:` is for the pictures of wallets, `blob:` for
/// the file that was bought. <https://www.w3.org/TR/CSP3/>
fn policy(script: &File) -> String {
    format!(
        "default-src 'none'; script-src '{}'; style-src 'self'; img-src 'self' blob: data:; media-src blob:; \
         frame-src blob:; connect-src 'self'",
        script.integrity
    )
}

pub(crate) fn template(site: &Site<'_>, style: &File, script: &File) -> String {
    let fill = |name: &str| match name {
        "csp" => policy(script),
        "style" => format!("/{}", style.key),
        "style_integrity" => style.integrity.clone(),
        "script" => format!("/{}", script.key),
        "script_integrity" => script.integrity.clone(),
        "seller" => seller(site),
        "links" => links(site),
        _ => {
            let slot = Slot::NAMES.iter().find(|(known, _)| *known == name);
            slot.unwrap_or_else(|| panic!("page.html has no slot {name}")).1.mark()
        }
    };
    let lines = source::DOCUMENT.lines().map(str::trim);
    let text: String =
        lines.filter(|line| !line.starts_with("<!--")).collect::<Vec<_>>().join("\n");
    let mut parts = text.split("{{");
    let mut template = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").expect("a slot ends");
        template += &fill(name);
        template += rest;
    }
    template
}

fn seller(site: &Site<'_>) -> String {
    let name = site.name.map(escape);
    let logo = site.logo.as_deref().map(|path| format!("<img src=\"{}\" alt=\"\">", escape(path)));
    [logo, name].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn links(site: &Site<'_>) -> String {
    let link = |href: String, text: &str| format!("<a href=\"{}\">{text}</a>", escape(&href));
    let terms = site.terms.map(|terms| link(terms.to_owned(), "Terms"));
    let contact = site.contact.map(|contact| {
        let scheme = if contact.contains("://") { "" } else { "mailto:" };
        link(format!("{scheme}{contact}"), "Contact")
    });
    [terms, contact].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_seller_wrote_is_escaped() {
        let site = Site {
            name: Some("A & \"B\""),
            logo: Some("/a'b.png".to_owned()),
            terms: Some("https://shop.example/?a&b"),
            contact: Some("a&b@shop.example"),
            ..Site::default()
        };
        assert_eq!(seller(&site), "<img src=\"/a&#39;b.png\" alt=\"\"> A &amp; &quot;B&quot;");
        assert_eq!(
            links(&site),
            "<a href=\"https://shop.example/?a&amp;b\">Terms</a> <a href=\"mailto:a&amp;b@shop.example\">Contact</a>"
        );
        assert_eq!(
            (seller(&Site::default()), links(&Site::default())),
            (String::new(), String::new())
        );
    }
}
