//! What there is to know after an upload: `--json` prints it.

use std::process::ExitCode;

use serde::Serialize;
use serde_json::Value;

use super::plan::Plan;
use super::seal::Sealed;
use super::show::unsealed;
use super::survey::Place;
use crate::keeper::Kept;
use crate::reseal::Stage;
use crate::seal::fingerprint;

/// How an upload ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was only to be shown.
    Planned,
    /// Whoever was asked said no.
    Declined,
    /// There was nothing to do.
    Unchanged,
    /// All was done.
    Done,
}

/// How an upload ended, and what there is to know then.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Published {
    pub(super) outcome: Outcome,
    bucket: String,
    /// Where in the bucket, but for the seal.
    prefix: String,
    sealed: bool,
    distribution: Option<String>,
    /// What is uploaded, or would be, in order.
    uploads: Vec<Upload>,
    /// Of all uploads.
    bytes: u64,
    /// What is copied from below the seal that leaves, or would be.
    copies: Vec<String>,
    up_to_date: usize,
    /// In the bucket, and not on sale.
    not_on_sale: Vec<String>,
    /// On sale, and outside of the seal as well.
    not_closed: Vec<String>,
    /// The seal, by its fingerprint.
    pub(super) seal: Option<String>,
    /// Folders that look like seals, and are not the site's.
    foreign_seals: usize,
    /// Its change, until that is ended.
    pub(super) reseal: Option<Change>,
    pub(super) deleted: usize,
    /// Whether the live function sells exactly this; null if nothing was uploaded, or it is not known.
    pub(super) table_is_live: Option<bool>,
}

/// How far the change of a seal is.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Change {
    /// Fingerprints.
    from: String,
    to: String,
    /// `begun`, `filled`, `live`.
    stage: &'static str,
    /// How many objects lie below the seal that leaves.
    left: usize,
    /// When these may go, where that is known.
    over: Option<String>,
}

impl Change {
    pub(super) fn of(kept: &Kept, left: usize) -> Option<Self> {
        let reseal = kept.reseal.as_ref()?;
        let (stage, over) = match reseal.stage(&kept.seal.seal) {
            Stage::Begun => ("begun", None),
            Stage::Filled => ("filled", None),
            Stage::Live(over) => ("live", Some(over.to_string())),
        };
        let (from, to) = (fingerprint(&reseal.from), fingerprint(&reseal.to));
        Some(Change { from, to, stage, left, over })
    }
}

#[derive(Clone, Debug, Serialize)]
struct Upload {
    key: String,
    bytes: u64,
    /// `new`, `changed`, `other headers`.
    why: &'static str,
}

impl Published {
    pub(super) fn planned(
        place: Place<'_>,
        sealed: Option<&Sealed<'_>>,
        distribution: Option<&str>,
        plan: &Plan<'_>,
    ) -> Self {
        let target = place.whole.target();
        let upload = |send: &super::plan::Send<'_>| Upload {
            key: send.content.key.to_owned(),
            bytes: send.content.size,
            why: send.why.text(),
        };
        Published {
            outcome: Outcome::Planned,
            bucket: target.bucket.clone(),
            prefix: target.prefix.clone(),
            sealed: place.seal().is_some(),
            distribution: distribution.map(str::to_owned),
            uploads: plan.sends.iter().map(upload).collect(),
            bytes: plan.bytes(),
            copies: plan.copies.iter().map(|copy| copy.stored.key.clone()).collect(),
            up_to_date: plan.same.len(),
            not_on_sale: plan.unpriced.iter().map(|stored| unsealed(&stored.key)).collect(),
            not_closed: plan.open.iter().map(|stored| stored.key.clone()).collect(),
            seal: sealed.map(|sealed| fingerprint(&sealed.kept.seal.seal)),
            foreign_seals: sealed.map_or(0, |sealed| sealed.others),
            reseal: sealed.and_then(|sealed| Change::of(&sealed.kept, plan.left.len())),
            deleted: 0,
            table_is_live: None,
        }
    }

    /// One object.
    pub fn facts(&self) -> Value {
        // Texts, numbers and lists of them always are JSON.
        serde_json::to_value(self).unwrap_or_default()
    }

    /// What the program ends with.
    pub fn code(&self) -> ExitCode {
        if self.outcome == Outcome::Declined { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}
