//! PayAI's catalogue: whatever its facilitator verifies or settles with an extension that can be read.
//!
//! * <https://docs.payai.network/x402/facilitators/bazaar>
//! * `info` alone is rejected: <https://github.com/PayAINetwork/x402-solana/issues/53>

use super::answer::{Answer, text};
use super::check::{Check, ours, unless};
use super::libraries;

pub(super) fn checks(answer: &Answer) -> Vec<Check> {
    let Answer { url, settle, .. } = answer;
    let resource = &settle["resource"];
    vec![
        Check::required(
            "resource.url",
            ours(resource["url"] == url.as_str(), "it is not told the object's URL"),
        ),
        Check::required(
            "resource.url is https",
            unless(
                url.starts_with("https://"),
                format!("{url} is not https"),
                "write the distribution's URL first in `urls` of [site]",
            ),
        ),
        Check::required(
            "bazaar.info and schema",
            libraries::declared(&settle["extensions"]["bazaar"]),
        ),
        Check::required("extractDiscoveryInfo", libraries::extracted(settle)),
        Check::advised(
            "resource.description",
            unless(
                !text(&resource["description"]).trim().is_empty(),
                "no description: the row says nothing but a URL",
                "add `description = \"...\"` to the rule",
            ),
        ),
    ]
}
