//! What a code is worth, and the form of the tables that say so.

use super::cause::Cause;

/// What a code, a text or a shape says about the payment that it was said of. The grades S0, S1, S2 and
/// U are those of the review of 26 November 2026 that each table is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// S0, refused: about the bytes alone. A first copy would have met the same check.
    Bytes,
    /// S1, refused: the nonce was seen unused.
    Unused,
    /// S2, refused: this call sent nothing, but a settled payment is answered alike.
    Reason,
    /// S2, refused, about the payer's balance, and by a program whose source was read.
    Balance,
    /// [`Class::Reason`] if what stands beside it is nothing, or a revert's text; else [`Class::Unknown`].
    Guarded,
    /// [`Class::Unused`] with the token's revert for its balance beside it, [`Class::Balance`] with
    /// nothing or another revert, else [`Class::Unknown`].
    GuardedBalance,
    /// S2 for `/settle`; for `/verify` too ambiguous to be a refusal.
    CatchAll,
    /// Refused, about this payer: compliance.
    Payer,
    /// Not taken up, and why.
    NotTaken(Cause),
    /// The facilitator's own trouble, met before it sent anything. A second copy meets it too, so it
    /// proves nothing of the payment.
    Trouble,
    /// U: said after sending, or of a nonce that is used.
    Unknown,
    /// A code that says nothing: what stands beside it may.
    Opaque,
    /// Not in the table.
    Unlisted,
}

/// Codes of one class that begin alike.
pub(super) struct Group {
    /// What they begin with.
    pub(super) prefix: &'static str,
    /// What they are worth.
    pub(super) class: Class,
    /// How they go on, a line each: see [`codes`].
    pub(super) codes: &'static str,
}

/// The codes of a dialect, and the beginnings of its texts. One string a group instead of a slice of
/// strings: that has no pointers, which would cost more than the texts do.
pub(super) struct Table {
    /// Whole codes and texts.
    pub(super) whole: &'static [Group],
    /// Texts of which the beginning tells.
    pub(super) starts: &'static [Group],
}

/// Codes as one string, a line each.
macro_rules! codes {
    ($($code:literal)*) => { concat!($($code, "\n"),* ) };
}
pub(super) use codes;

impl Table {
    /// What a text is worth: as a whole, or by its beginning.
    pub(super) fn class(&self, text: &str) -> Option<Class> {
        let whole = self.whole.iter().find(|group| {
            text.strip_prefix(group.prefix)
                .is_some_and(|rest| group.codes.split_terminator('\n').any(|code| code == rest))
        });
        let starts = || {
            self.starts.iter().find(|group| {
                text.strip_prefix(group.prefix).is_some_and(|rest| {
                    group.codes.split_terminator('\n').any(|start| rest.starts_with(start))
                })
            })
        };
        whole.or_else(starts).map(|group| group.class)
    }
}
