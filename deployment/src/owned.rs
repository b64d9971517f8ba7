//! A site whose function is in its owner's code, a module of Terraform's or a construct of CDK's: what its stack would tell if
//! it were this tool's. That it is one, the watching stack says.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use ship::gates::{FunctionVersion, shelves};

use crate::Error;
use crate::check::{Expected, Owner, read as expected};
use crate::control_plane::{ControlPlane, Stack};
use crate::error::while_asking;
use crate::stacks::{self, live, parameter};

/// A site, and whose code has its function.
pub(crate) struct Owned {
    pub(crate) owner: Owner,
    /// As a stack of this tool's would tell of it.
    pub(crate) site: Stack,
    /// What was judged, if that is known.
    pub(crate) expected: Option<Expected>,
}

/// What a distribution runs.
#[derive(Default)]
pub(crate) struct Running {
    /// The ARN of the function's version; empty if there is none.
    pub(crate) version: String,
    /// The hash of its package, as Lambda tells it; empty if there is none.
    pub(crate) code_sha256: String,
    /// The distribution's web ACL, if it is that of the module or the construct.
    pub(crate) web_acl: String,
    /// Where the objects come from, if it is one bucket whole.
    content: String,
}

/// The site of that name, if its function is in its owner's code.
pub(crate) async fn read(plane: &impl ControlPlane, name: &str) -> Result<Option<Owned>, Error> {
    let watching = stacks::read(plane, &format!("{name}-watch")).await?;
    let Some(watching) = live(watching.as_ref()) else { return Ok(None) };
    let value = |key| parameter(Some(watching), key);
    let Some(owner) = Owner::named(value("OwnedBy")) else { return Ok(None) };
    // One that came over to a stack of this tool's, which was deployed without watching.
    let own = stacks::read(plane, name).await?;
    if live(own.as_ref()).is_some() && !stacks::is_foreign(own.as_ref()) {
        return Ok(None);
    }
    let (id, bucket) = (value("DistributionId"), value("BookkeeperCodeBucket"));
    let config = plane
        .configuration(id)
        .await
        .map_err(while_asking(format!("asking for distribution {id}")))?;
    let function = value("FunctionName");
    let running = match config {
        Some(config) => {
            let versions = versions(&config.config, &[function.to_owned()]);
            running(plane, name, &config.config, versions.first()).await?
        }
        None => Running::default(),
    };
    let judged = expected(plane, bucket, value("ExpectedKey"), id).await;
    let judged = judged.map_err(while_asking("reading what was judged"))?;
    let mut site = site(name, id, function, bucket, &running);
    site.status.clone_from(&watching.status);
    site.tags.clone_from(&watching.tags);
    Ok(Some(Owned { owner, site, expected: judged.ok() }))
}

/// The versions of these functions that a configuration names.
pub(crate) fn versions(config: &Value, functions: &[String]) -> BTreeSet<String> {
    let named = |arn: &String| functions.iter().any(|it| arn.contains(&format!(":function:{it}:")));
    associated(config).into_iter().filter(named).collect()
}

/// The functions that a distribution's behaviours name, whosever they are.
pub(crate) fn associated(config: &Value) -> BTreeSet<String> {
    let items = |of: &Value| of["Items"].as_array().cloned().unwrap_or_default();
    let mut behaviours = items(&config["CacheBehaviors"]);
    behaviours.push(config["DefaultCacheBehavior"].clone());
    let arns = behaviours.iter().flat_map(|one| items(&one["LambdaFunctionAssociations"]));
    arns.filter_map(|one| Some(one["LambdaFunctionARN"].as_str()?.to_owned())).collect()
}

/// What a distribution runs with this version.
pub(crate) async fn running(
    plane: &impl ControlPlane,
    name: &str,
    config: &Value,
    version: Option<&String>,
) -> Result<Running, Error> {
    let acl = config["WebACLId"].as_str().unwrap_or_default();
    let is_ours = acl.contains(&format!("/webacl/{name}-paywall/"));
    let mut running =
        Running { web_acl: if is_ours { acl } else { "" }.to_owned(), ..Running::default() };
    let Some(version) = version else { return Ok(running) };
    let hash = plane.code_sha256(version).await;
    let hash = hash.map_err(while_asking(format!("asking for the package of {version}")))?;
    running.version.clone_from(version);
    running.code_sha256 = hash.unwrap_or_default();
    let shelves = version.parse::<FunctionVersion>().and_then(|version| shelves(config, &version));
    if let Some((shelf, 1)) = shelves.ok().and_then(|all| Some((all.first()?.clone(), all.len())))
        && shelf.prefix.is_empty()
    {
        running.content = shelf.bucket;
    }
    Ok(running)
}

/// What a stack of this tool's would tell.
pub(crate) fn site(
    name: &str,
    distribution: &str,
    function: &str,
    packages: &str,
    running: &Running,
) -> Stack {
    let log = format!("/x402/{name}");
    let web_acl_name =
        if running.web_acl.is_empty() { String::new() } else { format!("{name}-paywall") };
    let key =
        hex(&running.code_sha256).map_or_else(String::new, |hash| format!("{name}/{hash}.zip"));
    let map = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    Stack {
        name: name.to_owned(),
        status: "CREATE_COMPLETE".to_owned(),
        parameters: map(&[
            ("CodeBucketName", packages),
            ("CodeObjectKey", &key),
            ("CodeSha256", &running.code_sha256),
        ]),
        outputs: map(&[
            ("DistributionId", distribution),
            ("FunctionName", function),
            ("FunctionVersionArn", &running.version),
            ("FunctionLogGroupName", &log),
            ("ContentBucketName", &running.content),
            ("WebAclArn", &running.web_acl),
            ("WebAclName", &web_acl_name),
        ]),
        tags: BTreeMap::new(),
    }
}

/// A package's hash as its key has it, of what Lambda tells.
pub(crate) fn hex(code_sha256: &str) -> Option<String> {
    let bytes = STANDARD.decode(code_sha256).ok().filter(|bytes| !bytes.is_empty())?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_distribution_runs() {
        let arn = |name: &str| format!("arn:aws:lambda:us-east-1:1:function:{name}:7");
        let of = |name: &str| json!({ "LambdaFunctionAssociations": { "Quantity": 1, "Items": [{ "LambdaFunctionARN": arn(name) }] } });
        let config = json!({
            "DefaultCacheBehavior": of("shop-paywall"),
            "CacheBehaviors": { "Quantity": 2, "Items": [of("router"), of("shop-paywall")] },
        });
        let found = versions(&config, &["shop-paywall".to_owned()]);
        assert_eq!(found, [arn("shop-paywall")].into());
        assert!(versions(&config, &["shop".to_owned()]).is_empty());
        assert_eq!(hex("AP8Q").as_deref(), Some("00ff10"));
        assert_eq!((hex(""), hex("-")), (None, None));
    }
}
