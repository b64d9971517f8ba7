//! The seal of a site's objects, as a document: a file of the package, and an SSM parameter of its own, since
//! whoever publishes needs no other secret.
//!
//! ```json
//! { "site": "shop", "seal": "<26 of a-z and 2-7>" }
//! ```

use price_table::{Seal, Site};
use serde_json::json;

use crate::field::{self, Field, Problem};

/// A seal, and the id of the site that has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteSeal {
    /// The id.
    pub site: String,
    /// The seal.
    pub seal: Seal,
}

impl SiteSeal {
    /// What its file is called, beside the function.
    pub const NAME: &str = "seal.json";

    /// Reads it.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let json = field::json(text)?;
        let object = Field::root(&json).object(&["site", "seal"])?;
        let (site, seal) = (object.required("site")?.token()?, object.required("seal")?);
        let parsed = Seal::parse(&seal.text()?);
        let seal = parsed.ok_or_else(|| seal.wrong("must be 26 of a-z and 2-7"))?;
        Ok(SiteSeal { site, seal })
    }

    /// Its text.
    pub fn to_json(&self) -> String {
        format!("{:#}\n", json!({ "site": self.site, "seal": self.seal.as_str() }))
    }

    /// It, if it is this site's; or why it cannot be.
    pub fn fitting(self, site: &Site) -> Result<Self, String> {
        match self {
            SiteSeal { site: other, .. } if other != site.id => {
                Err(format!("the seal is that of the site {other}; the table sells {}", site.id))
            }
            _ if !site.sealed => {
                Err("there is a seal, and the table's site is not `sealed`".to_owned())
            }
            own => Ok(own),
        }
    }

    /// The seal that a site's function works with; or why it cannot, with this one or with none.
    pub fn of(site: &Site, given: Option<Self>) -> Result<Option<Seal>, String> {
        match given {
            None if site.sealed => {
                Err("the table's site is `sealed`, and there is no seal".to_owned())
            }
            given => Ok(given.map(|given| given.fitting(site)).transpose()?.map(|own| own.seal)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_read_as_it_is_written() {
        let seal = SiteSeal { site: "shop".into(), seal: Seal::new([7; Seal::LENGTH]) };
        assert_eq!(SiteSeal::parse(&seal.to_json()), Ok(seal));
    }

    #[test]
    fn what_is_no_seal_is_told_without_it() {
        for (text, why) in [
            ("{", "is not JSON: line 1, column 1"),
            (r#"{"site":"shop"}"#, r#"lacks the field "seal""#),
            (r#"{"site":"shop","seal":"short"}"#, "seal must be 26 of a-z and 2-7"),
            (
                r#"{"site":"shop","seal":"A","x":1}"#,
                "has the unknown field \"x\"; known are site, seal",
            ),
        ] {
            assert_eq!(SiteSeal::parse(text).unwrap_err().to_string(), why, "{text}");
        }
    }
}
