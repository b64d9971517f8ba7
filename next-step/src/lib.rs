//! Errors that say how to go on, questions, and text from elsewhere that is safe to show.
//!
//! An enum made by [`errors!`] has, for each of its cases, what is wrong and what to do next: the compiler refuses a case
//! that lacks either. Its [`CATALOGUE`](Catalogued::CATALOGUE) is what `docs/errors.md` is made of.

mod ask;
mod plain;

use std::error::Error;
use std::fmt;

pub use ask::{agrees, ask};
pub use plain::plain;

/// An error that says how to go on.
pub trait NextStep: Error + Send + Sync + 'static {
    /// How it is mended: a sentence or more, a line each.
    fn next(&self) -> String;
}

/// An enum of errors whose cases can be listed.
pub trait Catalogued {
    /// All of them, in the order in which they are declared.
    const CATALOGUE: &'static [Case];
}

/// A case of an error, with the names of what it tells in braces.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// The case's name, `NoSuchStack`.
    pub name: &'static str,
    /// What is wrong, and where.
    pub says: &'static str,
    /// How it is mended.
    pub next: &'static str,
}

/// What went wrong in a command, whichever crate says so.
pub struct Told(Box<dyn NextStep>);

/// What a command comes to.
pub type Outcome<T> = Result<T, Told>;

impl<E: NextStep> From<E> for Told {
    fn from(error: E) -> Self {
        Told(Box::new(error))
    }
}

impl Told {
    /// The error itself, if it is of this type.
    pub fn downcast_ref<E: NextStep>(&self) -> Option<&E> {
        let error: &(dyn Error + 'static) = &*self.0;
        error.downcast_ref()
    }

    /// How it is mended.
    pub fn next(&self) -> String {
        self.0.next()
    }
}

/// As people see it: what is wrong, then how to go on, set in.
impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        self.0
            .next()
            .lines()
            .filter(|line| !line.is_empty())
            .try_for_each(|line| write!(f, "\n       {line}"))
    }
}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Declares an enum of errors:
///
/// ```
/// next_step::errors! {
///     /// Why a file is not published.
///     pub enum Error {
///         NotThere { path: String } => "there is no {path}", "name another one with --file";
///         Empty {} => "the file is empty", "write something into it";
///     }
/// }
/// let error = next_step::Told::from(Error::NotThere { path: "a.txt".to_owned() });
/// assert_eq!(error.to_string(), "there is no a.txt\n       name another one with --file");
/// ```
#[macro_export]
macro_rules! errors {
    ($(#[$about:meta])* $vis:vis enum $name:ident {
        $($(#[$of:meta])* $case:ident { $($field:ident : $type:ty),* $(,)? } => $says:literal, $next:literal;)*
    }) => {
        $(#[$about])*
        #[derive(Debug)]
        #[allow(missing_docs)]
        $vis enum $name {
            $($(#[$of])* $case { $($field: $type),* },)*
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                match self {
                    $(Self::$case { $($field),* } => {
                        let _ = ($($field,)*);
                        ::std::write!(f, $says)
                    })*
                }
            }
        }

        impl ::std::error::Error for $name {}

        impl $crate::NextStep for $name {
            fn next(&self) -> ::std::string::String {
                match self {
                    $(Self::$case { $($field),* } => {
                        let _ = ($($field,)*);
                        ::std::format!($next)
                    })*
                }
            }
        }

        impl $crate::Catalogued for $name {
            const CATALOGUE: &'static [$crate::Case] = &[
                $($crate::Case { name: ::std::stringify!($case), says: $says, next: $next },)*
            ];
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    errors! {
        /// Of these tests.
        enum Sample {
            /// With places.
            Far { place: String, by: u8 } => "{place} is far", "go there\nby {by}";
            Done {} => "done", "";
        }
    }

    #[test]
    fn says_and_lists() {
        let far = Told::from(Sample::Far { place: "here".into(), by: 2 });
        assert_eq!(far.to_string(), "here is far\n       go there\n       by 2");
        assert!(matches!(far.downcast_ref(), Some(Sample::Far { by: 2, .. })));
        assert_eq!(Told::from(Sample::Done {}).to_string(), "done");
        assert_eq!(Sample::CATALOGUE.len(), 2);
        assert_eq!(
            (Sample::CATALOGUE[0].name, Sample::CATALOGUE[0].says),
            ("Far", "{place} is far")
        );
    }
}
