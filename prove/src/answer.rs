//! A request, and what came of it.

use http::{HeaderMap, Method};

/// What a request carries, as far as money goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bears {
    /// No payment, or nothing that is one.
    Nothing,
    /// A payment that is as it should be.
    Payment,
}

/// A request that is to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    /// What is tried by it, in a few words.
    pub(crate) label: String,
    pub(crate) method: Method,
    /// Whole, and sent as it is written.
    pub(crate) url: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) bears: Bears,
    /// No answer at all is fine, too.
    pub(crate) may_be_silent: bool,
}

impl Ask {
    pub(crate) fn get(label: impl Into<String>, url: impl Into<String>) -> Ask {
        Ask {
            label: label.into(),
            method: Method::GET,
            url: url.into(),
            headers: Vec::new(),
            bears: Bears::Nothing,
            may_be_silent: false,
        }
    }

    pub(crate) fn method(self, method: Method) -> Ask {
        Ask { method, ..self }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Ask {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn or_silence(self) -> Ask {
        Ask { may_be_silent: true, ..self }
    }

    pub(crate) fn paying(self) -> Ask {
        Ask { bears: Bears::Payment, ..self }
    }
}

/// An answer; of a long body only the beginning.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// A header's value, the first of its name; empty if there is none or it is not text.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Whether a header that is a list names this element, in whatever case.
    pub(crate) fn lists(&self, name: &str, element: &str) -> bool {
        let values = self.headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|each| {
            each.split('=').next().unwrap_or_default().trim().eq_ignore_ascii_case(element)
        })
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Why there is no answer.
#[derive(Clone, Debug)]
pub(crate) enum NoAnswer {
    /// It never came: refused, closed, late, or not HTTP.
    Failed(String),
    /// It was not asked for, or the seller asks to wait: a limit of ours or theirs.
    Held(String),
}

/// A request and what came of it.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub(crate) ask: Ask,
    pub(crate) answer: Result<Answer, NoAnswer>,
}
