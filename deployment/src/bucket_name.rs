//! Names of buckets that this tool makes. They are the world's, and one that can be guessed may be another account's first: so
//! they end in letters drawn once. Which were drawn, the account's own list of buckets tells.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>

use sha2::{Digest as _, Sha256};

use crate::Error;
use crate::control_plane::{Caller, ControlPlane};
use crate::error::while_asking;

/// So many, of 32: nobody tries 10^12 names.
const DRAWN: usize = 8;
const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// What is left of 63 characters for a stack's name, before `-content-`, 12 digits, and what is drawn.
const ROOM: usize = 33;

/// What a name begins with.
pub(crate) struct Base(String);

impl Base {
    /// Where an account's packages are.
    pub(crate) fn artifacts(caller: &Caller) -> Self {
        Base(format!("x402-artifacts-{}", caller.account))
    }

    /// Where a new site's content is.
    pub(crate) fn content(stack: &str, caller: &Caller) -> Self {
        let short = if stack.len() <= ROOM {
            stack.to_owned()
        } else {
            let hash: String =
                Sha256::digest(stack)[..4].iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{}-{hash}", &stack[..ROOM - 1 - hash.len()])
        };
        Base(format!("{short}-content-{}", caller.account))
    }

    /// Whether a bucket was named by this; the bare one was, before anything was drawn.
    pub(crate) fn named(&self, bucket: &str) -> bool {
        let end = bucket.strip_prefix(&self.0);
        end == Some("")
            || end.and_then(|end| end.strip_prefix('-')).is_some_and(|drawn| {
                drawn.len() == DRAWN && drawn.bytes().all(|byte| LETTERS.contains(&byte))
            })
    }

    /// The account's bucket that was named by this, if there is one.
    pub(crate) async fn find(&self, plane: &impl ControlPlane) -> Result<Option<String>, Error> {
        let all = plane.own_buckets(&self.0).await;
        let all = all.map_err(while_asking("listing this account's buckets"))?;
        Ok(all.into_iter().filter(|bucket| self.named(bucket)).min())
    }

    /// That bucket, or a new name.
    pub(crate) async fn find_or_draw(&self, plane: &impl ControlPlane) -> Result<String, Error> {
        match self.find(plane).await? {
            Some(found) => Ok(found),
            None => self.draw(),
        }
    }

    /// A new name.
    pub(crate) fn draw(&self) -> Result<String, Error> {
        let mut drawn = [0; DRAWN];
        getrandom::fill(&mut drawn).map_err(|why| Error::NoRandomness { why: why.to_string() })?;
        let letter = |byte: u8| char::from(LETTERS[usize::from(byte % 32)]);
        Ok(format!("{}-{}", self.0, drawn.map(letter).iter().collect::<String>()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let caller = Caller { account: "1".repeat(12), arn: String::new() };
        for (stack, same) in
            [("shop".to_owned(), true), ("s".repeat(33), true), ("s".repeat(37), false)]
        {
            let base = Base::content(&stack, &caller);
            let drawn = base.draw().unwrap();
            assert!(drawn.len() <= 63 && base.named(&drawn) && base.named(&base.0), "{drawn}");
            assert_eq!(drawn.starts_with(&format!("{stack}-content-")), same, "{drawn}");
            assert_ne!(drawn, base.draw().unwrap());
            for other in ["-abc", "-ABCDEFGH", "-abcdefgh-", "abcdefgh"] {
                assert!(!base.named(&format!("{}{other}", base.0)), "{other}");
            }
        }
        let two = ["a", "b"].map(|end| Base::content(&("s".repeat(36) + end), &caller).0);
        assert_ne!(two[0], two[1]);
    }
}
