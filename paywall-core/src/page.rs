//! The 402 as a browser shows it: what the object is and what it costs.

use price_table::{Listing, Quoted, challenge};

/// The page. `paywall` is what agents are told, in JSON: some ask as browsers do, and find it by the
/// script's id. `contact` is an e-mail address or a URL.
pub(crate) fn render(
    listing: &Listing<'_>,
    contact: Option<&str>,
    paywall: &str,
    time: u64,
) -> String {
    let rule = listing.rule;
    let title = if rule.title.is_empty() { &listing.object.key } else { &rule.title };
    // The compiler bounds the description, which the challenge bears, and not the title.
    let title: String = title.chars().take(challenge::PAGE_TITLE_CHARACTERS).collect();
    let prices: Vec<_> = challenge::quoted(listing, time).map(price).collect();
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}: for sale</title>\
         <style>body{{font:18px/1.5 system-ui,sans-serif;max-width:34em;margin:12vh auto;\
         padding:0 1em}}b{{font-size:1.6em}}small{{color:#666}}</style>\
         <h1>{title}</h1><p>{description}</p><p><b>{price}</b></p>\
         <p>This file is sold per request by the x402 protocol: a wallet or an agent that speaks it \
         pays and downloads in one step.</p>\
         <p><small>{mime_type}, {size} bytes{questions}</small></p>\
         <script type=\"application/json\" id=\"paywall\">{paywall}</script></html>",
        title = escape(&title),
        description = escape(&rule.description),
        price = prices.join("<br>or "),
        mime_type = escape(listing.mime_type),
        size = listing.object.size,
        questions = contact.map_or_else(String::new, questions),
        paywall = json_in_script(paywall),
    )
}

fn questions(contact: &str) -> String {
    let scheme = if contact.contains("://") { "" } else { "mailto:" };
    let contact = escape(contact);
    format!("<br>Questions: <a href=\"{scheme}{contact}\">{contact}</a>")
}

fn price(Quoted { offer, amount }: Quoted<'_>) -> String {
    let network = offer.network.v1.as_deref().unwrap_or(&offer.network.caip2);
    let amount = units(amount, offer.decimals());
    format!("{amount} {} on {}", escape(offer.symbol()), escape(network))
}

/// Atomic units as a decimal number of the token.
fn units(amount: u128, decimals: u8) -> String {
    let decimals = usize::from(decimals);
    let digits = format!("{amount:0>width$}", width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    match fraction.trim_end_matches('0') {
        "" => whole.to_owned(),
        fraction => format!("{whole}.{fraction}"),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// JSON that ends no script and begins no comment in one: outside of its strings it has none of these
/// characters. <https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements>
fn json_in_script(json: &str) -> String {
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn atomic_units_as_people_write_them() {
        for (amount, decimals, text) in [
            (10_000, 6, "0.01"),
            (1, 6, "0.000001"),
            (1_000_000, 6, "1"),
            (1_234_500, 6, "1.2345"),
            (7, 0, "7"),
            (10_u128.pow(18), 18, "1"),
        ] {
            assert_eq!(units(amount, decimals), text);
        }
    }

    #[test]
    fn no_json_ends_its_script() {
        let json = serde_json::json!({ "message": "</script><!-- & ]]>\u{2028}\"\\" });
        let text = json_in_script(&json.to_string());
        assert!(!text.contains(['<', '>', '&']), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), json);
    }

    #[test]
    fn who_is_asked() {
        for (contact, html) in [
            (
                "a&b@shop.example",
                "<a href=\"mailto:a&amp;b@shop.example\">a&amp;b@shop.example</a>",
            ),
            (
                "https://shop.example/a",
                "<a href=\"https://shop.example/a\">https://shop.example/a</a>",
            ),
        ] {
            assert_eq!(questions(contact), format!("<br>Questions: {html}"));
        }
    }

    #[test]
    fn text_is_escaped() {
        assert_eq!(escape("<a href=\"&\">"), "&lt;a href=&quot;&amp;&quot;&gt;");
    }
}
