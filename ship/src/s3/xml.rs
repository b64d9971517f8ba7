//! The texts in S3's answers, which are flat enough to be searched.

/// The text of the first element of this name.
pub(super) fn element(xml: &str, name: &str) -> Option<String> {
    let mut inner = elements(xml, name);
    inner.next().map(unescaped)
}

/// What is within each element of this name, as it is written.
pub(super) fn elements<'x>(xml: &'x str, name: &str) -> impl Iterator<Item = &'x str> {
    let (start, end) = (format!("<{name}>"), format!("</{name}>"));
    let mut rest = xml;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once(&start)?;
        let (inner, after) = after.split_once(&end)?;
        rest = after;
        Some(inner)
    })
}

/// With characters in place of references to them.
fn unescaped(text: &str) -> String {
    let (mut plain, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let reference = after.split_once(';').and_then(|(name, rest)| Some((of(name)?, rest)));
        let (character, after) = reference.unwrap_or(('&', after));
        plain.push(character);
        rest = after;
    }
    plain + rest
}

/// <https://www.w3.org/TR/xml/#sec-references>
fn of(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

/// With references in place of what XML reads in another way.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        let xml = "<Error><Code>NoSuchBucket</Code><Message>It&apos;s not there</Message></Error>";
        assert_eq!(element(xml, "Code").as_deref(), Some("NoSuchBucket"));
        assert_eq!(element(xml, "Message").as_deref(), Some("It's not there"));
        assert_eq!(element(xml, "Region"), None);
        assert_eq!(elements("<a>1</a> <b/><a></a><a>3", "a").collect::<Vec<_>>(), ["1", ""]);
    }

    #[test]
    fn references() {
        let odd = "&#34;a&#x22; &lt;b&gt; & c;&amp;quot;&#xe9;&nothing;&#x110000;";
        assert_eq!(unescaped(odd), "\"a\" <b> & c;&quot;é&nothing;&#x110000;");
        assert_eq!(unescaped(&escaped("<\"&amp;\">")), "<\"&amp;\">");
    }
}
