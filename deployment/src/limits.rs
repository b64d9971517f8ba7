//! How many sales fit in at once: Lambda's limit in each Region where buyers are.

use std::collections::BTreeSet;

use crate::control_plane::{ControlPlane, REGION, Stack};
use crate::stacks::tag;

/// A Region's name, as an option has it.
pub(crate) fn region(name: &str) -> Result<String, String> {
    let parts: Vec<_> = name.split('-').collect();
    let letters =
        |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let ok = parts.len() >= 3
        && parts[0].len() == 2
        && parts[..parts.len() - 1].iter().all(letters)
        && matches!(parts[parts.len() - 1].as_bytes(), [b'0'..=b'9']);
    match ok {
        true => Ok(name.to_owned()),
        false => Err("write a Region, as eu-west-1".to_owned()),
    }
}

/// Those that were named, now or when the stack was deployed; us-east-1 is always one of them.
pub(crate) fn regions(named: &[String], stack: Option<&Stack>) -> Vec<String> {
    let before = tag(stack, "x402-regions").split(' ').map(str::to_owned);
    let all: BTreeSet<_> = match named.is_empty() {
        true => before.filter(|name| !name.is_empty()).chain([REGION.to_owned()]).collect(),
        false => named.iter().cloned().chain([REGION.to_owned()]).collect(),
    };
    all.into_iter().collect()
}

/// How a stack remembers them, where there is more than us-east-1.
pub(crate) fn tag_of(regions: &[String]) -> Option<(String, String)> {
    (regions.len() > 1).then(|| ("x402-regions".to_owned(), regions.join(" ")))
}

/// A line or two for each Region. A sandbox does one request at a time, so a sale holds one while it settles; what all
/// functions of the account have in that Region is what CloudFront finds. New accounts begin low.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-503-service-unavailable.html>
pub(crate) async fn lines<C: ControlPlane>(plane: &C, regions: &[String]) -> Vec<String> {
    let mut lines = Vec::new();
    for place in regions {
        match plane.in_region(place).unreserved_concurrency().await {
            Err(failure) => lines.push(format!("{place}: how many fit in at once is not known: {failure}")),
            Ok(limit) if limit >= 1000 => lines.push(format!("{place}: {limit} at once")),
            Ok(limit) => lines.extend([
                format!(
                    "{place}: {limit} at once, this account's limit: so about {} a second that settle in 2 s, or {} in 7 s.",
                    limit / 2,
                    limit / 7
                ),
                format!(
                    "{place}: who comes beyond that, paying or not, gets CloudFront's 503: have AWS raise it, https://console.aws.amazon.com/servicequotas/home/services/lambda/quotas/L-B99A9384?region={place}"
                ),
            ]),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert!(
            ["eu-west-1", "us-gov-east-1", "us-east-1"].iter().all(|name| region(name).is_ok())
        );
        assert!(
            ["", "Europe", "eu-west", "eu-west-10", "e-west-1", "eu--1"]
                .iter()
                .all(|name| region(name).is_err())
        );
    }

    #[test]
    fn which() {
        let tags = [("x402-regions".to_owned(), "eu-west-1 us-east-1".to_owned())];
        let stack = Stack { tags: tags.into(), ..Stack::default() };
        assert_eq!(regions(&[], Some(&stack)), ["eu-west-1", "us-east-1"]);
        assert_eq!(regions(&["sa-east-1".to_owned()], Some(&stack)), ["sa-east-1", "us-east-1"]);
        assert_eq!(regions(&[], None), ["us-east-1"]);
    }
}
