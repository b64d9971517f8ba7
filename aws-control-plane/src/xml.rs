//! XML as a tree of elements: what AWS's answers need of it.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};

#[derive(Debug, Default)]
pub(crate) struct Element {
    pub(crate) name: String,
    /// Of one that has no children.
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

impl Element {
    pub(crate) fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// A child's text; empty if there is no such child.
    pub(crate) fn text_of(&self, name: &str) -> &str {
        self.child(name).map_or("", |child| &child.text)
    }

    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first of that name, however deep.
    pub(crate) fn find(&self, name: &str) -> Option<&Element> {
        if self.name == name {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(name))
    }
}

/// Reads a document, whole. What could not be kept is refused: attributes other than namespaces, and text among elements.
pub(crate) fn parse(bytes: &[u8]) -> Result<Element, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let mut reader = Reader::from_str(text);
    // The last one is the one that is open; the first holds the document.
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(tag) => open.push(started(&tag)?),
            Event::Empty(tag) => {
                open.push(started(&tag)?);
                close(&mut open)?;
            }
            Event::End(_) => close(&mut open)?,
            Event::Text(part) => {
                add(&mut open, &part.xml10_content().map_err(|error| error.to_string())?);
            }
            Event::CData(part) => {
                add(&mut open, &part.xml10_content().map_err(|error| error.to_string())?);
            }
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().map_err(|error| error.to_string())?;
                let name = reference.decode().map_err(|error| error.to_string())?;
                match (character, resolve_xml_entity(&name)) {
                    (Some(character), _) => add(&mut open, character.encode_utf8(&mut [0; 4])),
                    (None, Some(text)) => add(&mut open, text),
                    (None, None) => return Err(format!("the entity &{name}; is not XML's")),
                }
            }
            Event::DocType(_) => return Err("a document type".to_owned()),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => break,
        }
    }
    match (open.pop(), open.is_empty()) {
        (Some(mut document), true) if document.children.len() == 1 => {
            Ok(document.children.remove(0))
        }
        _ => Err("not one whole element".to_owned()),
    }
}

fn started(tag: &BytesStart<'_>) -> Result<Element, String> {
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        if !attribute.key.as_ref().starts_with(b"xmlns") {
            let name = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
            // S3 says so of grantees, and CloudFront of nothing.
            return Err(format!("an attribute, {name}"));
        }
    }
    let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
    Ok(Element { name, ..Element::default() })
}

fn add(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn close(open: &mut Vec<Element>) -> Result<(), String> {
    let mut done = open.pop().unwrap_or_default();
    if !done.children.is_empty() {
        if !done.text.trim().is_empty() {
            return Err(format!("text among the elements of {}", done.name));
        }
        done.text.clear();
    }
    // quick-xml refuses an end without a beginning.
    if let Some(parent) = open.last_mut() {
        parent.children.push(done);
    }
    Ok(())
}

/// A text as it stands in an element.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    // A carriage return would be read as a line's end.
    match text.contains(['&', '<', '>', '\r']) {
        false => Cow::Borrowed(text),
        true => Cow::Owned(
            text.replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;")
                .replace('\r', "&#13;"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_kept() {
        let element = parse(b"<?xml version=\"1.0\"?>\n<A xmlns=\"x\">\n <B> 1 &lt; 2 &amp;&#13;&quot; </B><C/><D><![CDATA[<&]]></D></A>\n").unwrap();
        assert_eq!(element.text_of("B"), " 1 < 2 &\r\" ");
        assert_eq!(element.text_of("C"), "");
        assert_eq!(element.text_of("D"), "<&");
        assert_eq!(element.text, "");
        assert_eq!(escape("a&<>\r\"b"), "a&amp;&lt;&gt;&#13;\"b");
    }

    #[test]
    fn what_cannot_be_kept_is_refused() {
        for xml in
            ["", "<A>", "<A></B>", "<A/><B/>", "<A b=\"c\"/>", "<A>text<B/></A>", "<A>&other;</A>"]
        {
            assert!(parse(xml.as_bytes()).is_err(), "{xml}");
        }
    }
}
