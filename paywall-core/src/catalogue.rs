//! What a facilitator did with the listing that came with a payment: it says so in a header of its answer, to
//! the seller alone. <https://github.com/x402-foundation/x402/blob/main/specs/extensions/bazaar.md>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::facilitator::Outcome;
use crate::log::{Mend, Words};
use crate::verdict::cut;

/// Its word on one object.
#[derive(Debug, PartialEq, Eq)]
pub struct Catalogued {
    /// `success`, `processing`, `rejected`, or whatever it says.
    pub status: Words,
    rejected: Option<Words>,
}

impl Catalogued {
    /// What an answer says of it; nothing says nothing, and so does what cannot be read.
    pub fn read(outcome: &Outcome) -> Option<Self> {
        let Outcome::Answered { extensions: Some(header), .. } = outcome else { return None };
        let said: Value = serde_json::from_slice(&STANDARD.decode(header).ok()?).ok()?;
        let said = &said["bazaar"];
        let status = said["status"].as_str()?;
        let why = || Words::said(&cut(said["rejectedReason"].as_str().unwrap_or_default()));
        let rejected = (status == "rejected").then(why);
        Some(Catalogued { status: Words::said(&cut(status)), rejected })
    }

    /// The line for the seller, if it lists nothing.
    pub fn operator(&self, facilitator: &str) -> Option<(Mend, Words)> {
        let why = match self.rejected.as_deref()? {
            "" => "it does not say why",
            why => why,
        };
        let line = format!("the object is not listed: {why}");
        Some((Mend::ListingRejected, Words::at(facilitator, &line)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<Catalogued> {
        let extensions = Some(STANDARD.encode(json));
        Catalogued::read(&Outcome::Answered {
            status: 200,
            body: vec![],
            location: None,
            extensions,
        })
    }

    #[test]
    fn what_facilitators_say() {
        let said = read(r#"{"bazaar":{"status":"processing"}}"#).unwrap();
        assert_eq!((said.status.as_str(), said.operator("https://f")), ("processing", None));

        let said =
            read(r#"{"bazaar":{"status":"rejected","rejectedReason":"no\nschema"}}"#).unwrap();
        let line = "https://f: the object is not listed: no schema";
        assert_eq!(
            (said.status.as_str(), said.operator("https://f").unwrap().1.as_str()),
            ("rejected", line)
        );

        let silent = read(r#"{"bazaar":{"status":"rejected"}}"#).unwrap();
        assert!(silent.operator("https://f").unwrap().1.ends_with("it does not say why"));
        let long = read(&format!(
            r#"{{"bazaar":{{"status":"rejected","rejectedReason":"{}"}}}}"#,
            "é".repeat(9_999)
        ));
        assert!(long.unwrap().operator("https://f").unwrap().1.len() < 300);
    }

    #[test]
    fn what_cannot_be_read_says_nothing() {
        for json in
            ["", "{}", "null", "[]", r#"{"bazaar":null}"#, r#"{"bazaar":{"status":1}}"#, "{"]
        {
            assert_eq!(read(json), None, "{json}");
        }
        let extensions = Some("%%%".to_owned());
        let answer = Outcome::Answered { status: 200, body: vec![], location: None, extensions };
        assert_eq!(Catalogued::read(&answer), None);
        assert_eq!(Catalogued::read(&Outcome::NotSent(String::new())), None);
    }
}
