//! Whether AWS still has what was deployed: `paywall status --fail`, and every five minutes the crate `bookkeeper`.
//!
//! A distribution that CDK, Terraform or CloudFormation owns is written anew by its owner's next deployment, without what
//! was attached to it, and then gives priced objects away. Nothing at AWS refuses that, so it is looked for.
//!
//! Where the function is in its owner's code (`paywall watch`), a version is known by its package, whose hash Lambda tells,
//! and mended there: `owner.rs`.
//!
//! What was deployed is a document beside the packages, `STACK/expected.json` (`document.rs`). It is made of the very
//! configuration that was judged ([`Expected::of`]), and what AWS has now is compared with it ([`compare()`]). Whatever
//! cannot be read or judged is a finding too.
//!
//! A finding is false where somebody changed the distribution well and did not deploy with this tool afterwards, and for
//! the minutes of a deployment that changes behaviours. New versions and rules of the web ACL are let pass while a
//! deployment of ours is under way: `changing_until`.

mod compare;
mod config;
mod deployed;
mod document;
mod expected;
mod finding;
mod owner;
mod web_acl;

pub use compare::{Observed, compare};
pub use deployed::{Deployed, NotDeployed};
pub use document::{
    Checked, Made, begin_change, check, end_change, expect_package, is_changing, is_recorded,
    is_settled, key, move_to, observe, read, record,
};
pub use expected::Expected;
pub use finding::Finding;
pub use owner::{Owned, Owner};

#[cfg(test)]
mod tests;
