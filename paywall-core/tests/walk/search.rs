//! Looks for a secret in a text: for any piece of it, in any spelling.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use paywall_core::hex;

/// A piece that is found by accident has fewer letters.
const WINDOW: usize = 12;

/// How a text may be spelled by whoever repeats it.
pub fn forms(secret: &str) -> Vec<String> {
    let percent = |bytes: &[u8]| bytes.iter().map(|b| format!("%{b:02x}")).collect::<String>();
    let mut forms = vec![secret.to_owned()];
    let raw =
        [hex::decode(secret), hex::decode(&format!("0x{secret}")), STANDARD.decode(secret).ok()];
    for bytes in raw.into_iter().flatten().chain([secret.as_bytes().to_vec()]) {
        forms.extend([STANDARD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)]);
        forms.extend([hex::encode(&bytes)[2..].to_owned(), percent(&bytes)]);
    }
    let cases = forms.iter().flat_map(|it| [it.to_uppercase(), it.to_lowercase()]);
    forms.extend(cases.collect::<Vec<_>>());
    let mut seen = HashSet::new();
    forms.retain(|form| seen.insert(form.clone()));
    forms
}

/// All pieces of some texts.
pub struct Pieces<'t>(HashSet<&'t [u8]>);

impl<'t> Pieces<'t> {
    /// Of these.
    pub fn of(texts: &'t [String]) -> Self {
        Pieces(texts.iter().flat_map(|text| text.as_bytes().windows(WINDOW)).collect())
    }

    /// The first one in a text.
    pub fn find(&self, text: &str) -> Option<String> {
        let found = text.as_bytes().windows(WINDOW).find(|piece| self.0.contains(piece))?;
        Some(String::from_utf8_lossy(found).into_owned())
    }
}
