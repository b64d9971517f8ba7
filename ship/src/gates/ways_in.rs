//! Ways to priced objects that do not lead past the function.
//!
//! CloudFront matches a behaviour on a normalised path and S3 decodes the path in its own way, so no
//! path pattern keeps a request from a key: only the origin's bucket and path do.

use std::collections::BTreeSet;

use cloudfront::store::Store;

use super::distribution::{Behaviour, Distribution};
use super::facts::{Distributions, Fact, PolicyStatus, PublicAccessBlock, known};
use super::finding::{Finding, Kind};
use super::place::Place;
use super::subject::Subject;
use crate::error::Error;

pub(super) fn findings(subject: &Subject<'_>) -> Result<Vec<Finding>, Error> {
    let mut found = Vec::new();
    behaviours(subject, &mut found);
    error_pages(subject, &mut found);
    if subject
        .distribution
        .continuous_deployment_policy_id
        .as_ref()
        .is_some_and(|id| !id.is_empty())
    {
        found.push(Finding {
            kind: Kind::ContinuousDeployment,
            what: "a staging distribution answers a share of the requests, without the function"
                .into(),
            mend: "end the continuous deployment first, or promote it".into(),
        });
    }
    other_distributions(subject, &mut found)?;
    buckets(subject, &mut found)?;
    not_routed(subject, &mut found);
    Ok(found)
}

fn behaviours(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    let distribution = subject.distribution;
    for behaviour in distribution.behaviours() {
        let (name, gated) = (behaviour.name(), subject.function.gates(behaviour));
        let reach = reach(subject, distribution, behaviour);
        if let (Some(group), Some(reach)) = (distribution.group(behaviour), &reach) {
            let does = if gated { "fails over" } else { "leads past the function" };
            found.push(Finding {
                kind: Kind::OriginGroup,
                what: format!("{name} {does} through the origin group `{}`, {reach}", group.id),
                mend: "let the behaviour name one origin: another may serve other bytes than were \
                       priced, or the priced ones free"
                    .into(),
            });
            continue;
        }
        match reach {
            Some(reach) if !gated => found.push(Finding {
                kind: Kind::UngatedBehaviour,
                what: format!("{name} has not the function and {reach}"),
                mend: format!(
                    "give it the function too ({}), or move what it serves to another bucket or \
                     under an OriginPath that holds no priced object",
                    option(behaviour)
                ),
            }),
            None if !gated && leads_elsewhere(distribution, behaviour) => found.push(Finding {
                kind: Kind::Unseen,
                what: format!("{name} leads to a server that is not S3"),
                mend: "see to it that this server does not serve priced objects".into(),
            }),
            _ => {}
        }
    }
}

fn option(behaviour: &Behaviour) -> String {
    format!("--path '{}'", behaviour.pattern().unwrap_or("default"))
}

fn leads_elsewhere(distribution: &Distribution, behaviour: &Behaviour) -> bool {
    let mut origins = distribution.origins_of(behaviour).into_iter();
    origins.any(|origin| Place::of(origin).store == Store::Elsewhere)
}

/// What a behaviour can fetch of what is for sale, in words.
fn reach(
    subject: &Subject<'_>,
    distribution: &Distribution,
    behaviour: &Behaviour,
) -> Option<String> {
    distribution.origins_of(behaviour).into_iter().find_map(|origin| {
        let place = Place::of(origin);
        let within = |key: &&&str| subject.goods.iter().any(|goods| place.reaches(goods, key));
        let reached: Vec<_> = subject.keys.iter().filter(within).collect();
        let (first, count) = (reached.first()?, reached.len());
        let plural = if count == 1 { "" } else { "s" };
        Some(format!("can reach {count} priced object{plural}, {first} for one, in {place}"))
    })
}

fn error_pages(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    for page in &subject.distribution.custom_error_responses.items {
        let Some(path) = page.response_page_path.as_deref().filter(|path| !path.is_empty()) else {
            continue;
        };
        let behaviour = subject.distribution.behaviour_of(path);
        if let Some(reach) = reach(subject, subject.distribution, behaviour) {
            found.push(Finding {
                kind: Kind::ErrorPage,
                what: format!(
                    "the error page of {} is {path}: no function runs for it, and its origin {reach}",
                    page.error_code
                ),
                mend: "keep error pages in another bucket, or under an OriginPath that holds no \
                       priced object"
                    .into(),
            });
        }
    }
}

fn other_distributions(subject: &Subject<'_>, found: &mut Vec<Finding>) -> Result<(), Error> {
    let Some(all) = known::<Distributions>(subject.facts, &Fact::Distributions)? else {
        found.push(Finding::unknown(&Fact::Distributions, "cloudfront:ListDistributions"));
        return Ok(());
    };
    let others = all.distribution_list.items.iter();
    for other in others.filter(|other| other.enabled && other.id != subject.id) {
        let ungated = |behaviour: &&Behaviour| !subject.function.gates(behaviour);
        let mut ways = other.distribution.behaviours().filter(ungated);
        let way = ways.find_map(|behaviour| {
            let reach = reach(subject, &other.distribution, behaviour)?;
            Some(format!("{} {reach}", behaviour.name()))
        });
        if let Some(way) = way {
            found.push(Finding {
                kind: Kind::OtherDistribution,
                what: format!("distribution {}: {way}", other.id),
                mend: "disable it, take the bucket from it, or attach the function to it too"
                    .into(),
            });
        }
    }
    Ok(())
}

/// Whether the buckets answer those who ask S3 itself.
fn buckets(subject: &Subject<'_>, found: &mut Vec<Finding>) -> Result<(), Error> {
    let names = subject.goods.iter().filter_map(|goods| goods.store.bucket());
    for bucket in names.collect::<BTreeSet<_>>() {
        let public = |why: &str| Finding {
            kind: Kind::PublicBucket,
            what: format!("bucket {bucket} {why}: its objects can be had from S3 itself"),
            mend: format!(
                "block it: aws s3api put-public-access-block --bucket {bucket} \
                 --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,\
                 BlockPublicPolicy=true,RestrictPublicBuckets=true"
            ),
        };
        let fact = Fact::PublicAccessBlock(bucket.to_owned());
        let Some(answer) = known::<PublicAccessBlock>(subject.facts, &fact)? else {
            found.push(Finding::unknown(&fact, "s3:GetBucketPublicAccessBlock"));
            continue;
        };
        let blocks = answer.public_access_block_configuration;
        if !blocks.ignore_public_acls {
            found.push(public("heeds public ACLs"));
        }
        let fact = Fact::PolicyStatus(bucket.to_owned());
        match known::<PolicyStatus>(subject.facts, &fact)? {
            None => found.push(Finding::unknown(&fact, "s3:GetBucketPolicyStatus")),
            Some(status) if status.policy_status.is_public && !blocks.restrict_public_buckets => {
                found.push(public("has a public policy"));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn not_routed(subject: &Subject<'_>, found: &mut Vec<Finding>) {
    let lost = |key: &&&&str| {
        let path = price_table::Key::parse(key).map(|key| key.to_uri_path());
        path.is_ok_and(|path| !subject.function.gates(subject.distribution.behaviour_of(&path)))
    };
    let lost: Vec<_> = subject.keys.iter().filter(|key| lost(&key)).collect();
    if let Some(first) = lost.first() {
        found.push(Finding {
            kind: Kind::NotRouted,
            what: format!(
                "{} priced objects, {first} for one, have a path whose behaviour has not the function",
                lost.len()
            ),
            mend: "give that behaviour the function, or take them out of content.toml".into(),
        });
    }
}
