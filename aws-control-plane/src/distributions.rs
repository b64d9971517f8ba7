//! CloudFront: distributions, their configurations as they are, and the policies that those name.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_sdk_cloudfront::types::{
    DefaultCacheBehavior, DistributionConfig, InvalidationBatch, Origins, Paths,
    RealtimeMetricsSubscriptionStatus, ViewerProtocolPolicy,
};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::operation::BuildError;
use deployment::control_plane::{Answer, Configuration, Distribution, Failure};
use serde_json::{Value, json};

use crate::aws::Aws;
use crate::capture::Capture;
use crate::xml_json::{Names, to_json, to_xml};
use crate::{failure, xml};

const CONFIG: &str = "cloudfront GetDistributionConfig";
const UPDATE: &str = "cloudfront UpdateDistribution";

pub(crate) async fn list(aws: &Aws) -> Answer<Value> {
    let asked = "cloudfront ListDistributions";
    let (mut items, mut marker) = (Vec::new(), None);
    loop {
        let seen = Capture::default();
        let request = aws.cloudfront.list_distributions().set_marker(marker.take());
        let answer = request.customize().interceptor(seen.clone()).send().await;
        let answer = answer.map_err(failure::sdk(asked))?;
        let mut page = document(asked, &seen, &mut Names::default())?;
        if let Some(Value::Array(more)) = page.get_mut("Items").map(Value::take) {
            items.extend(more);
        }
        let list = answer.distribution_list();
        marker = list
            .and_then(|list| list.next_marker())
            .filter(|next| !next.is_empty())
            .map(str::to_owned);
        if !list.is_some_and(|list| list.is_truncated()) || marker.is_none() {
            return Ok(json!({"DistributionList": {"Items": items}}));
        }
    }
}

pub(crate) async fn all(aws: &Aws) -> Answer<Vec<Distribution>> {
    let list = list(aws).await?;
    let items = list["DistributionList"]["Items"].as_array();
    Ok(items.into_iter().flatten().map(|item| distribution(item, item)).collect())
}

pub(crate) async fn one(aws: &Aws, id: &str) -> Answer<Option<Distribution>> {
    let (asked, seen) = ("cloudfront GetDistribution", Capture::default());
    let request = aws.cloudfront.get_distribution().id(id).customize().interceptor(seen.clone());
    if absent(request.send().await.map_err(failure::sdk(asked)), "NoSuchDistribution")?.is_none() {
        return Ok(None);
    }
    let whole = document(asked, &seen, &mut Names::default())?;
    Ok(Some(distribution(&whole, &whole["DistributionConfig"])))
}

/// A distribution of what is told of it, and of its configuration.
fn distribution(told: &Value, config: &Value) -> Distribution {
    let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
    let items = |list: &Value| list["Items"].as_array().cloned().unwrap_or_default();
    let strings =
        |list: Vec<Value>| list.iter().filter_map(|one| Some(one.as_str()?.to_owned())).collect();
    let mut behaviours = items(&config["CacheBehaviors"]);
    behaviours.insert(0, config["DefaultCacheBehavior"].clone());
    let associations = behaviours.iter().flat_map(|one| items(&one["LambdaFunctionAssociations"]));
    Distribution {
        id: text("Id"),
        arn: text("ARN"),
        status: text("Status"),
        domain: text("DomainName"),
        aliases: strings(items(&config["Aliases"])),
        functions: strings(associations.map(|one| one["LambdaFunctionARN"].clone()).collect()),
    }
}

pub(crate) async fn configuration(aws: &Aws, id: &str) -> Answer<Option<Configuration>> {
    Ok(read(aws, id).await?.map(|(configuration, _)| configuration))
}

async fn read(aws: &Aws, id: &str) -> Answer<Option<(Configuration, Names)>> {
    let (seen, mut names) = (Capture::default(), Names::default());
    let request = aws.cloudfront.get_distribution_config().id(id);
    let answer = request.customize().interceptor(seen.clone()).send().await;
    let Some(answer) = absent(answer.map_err(failure::sdk(CONFIG)), "NoSuchDistribution")? else {
        return Ok(None);
    };
    let etag =
        answer.e_tag().ok_or_else(|| failure::unreadable(CONFIG, "an answer without an ETag"))?;
    let config = document(CONFIG, &seen, &mut names)?;
    Ok(Some((Configuration { etag: etag.to_owned(), config }, names)))
}

pub(crate) async fn update(aws: &Aws, id: &str, etag: &str, config: &Value) -> Answer<()> {
    let written = to_xml("DistributionConfig", config, &Names::default());
    let body = match written {
        Ok(body) => body,
        // A list that AWS added: the distribution, as it is, tells what its items are called.
        Err(_) => {
            let names = read(aws, id).await?.map(|(_, names)| names).unwrap_or_default();
            to_xml("DistributionConfig", config, &names).map_err(|error| {
                failure::unreadable(UPDATE, &format!("{error}: nothing was changed"))
            })?
        }
    };
    let unsent = placeholder().map_err(|error| failure::unreadable(UPDATE, &error.to_string()))?;
    let request = aws.cloudfront.update_distribution().id(id).if_match(etag);
    let request = request.distribution_config(unsent).customize().mutate_request(move |request| {
        request.headers_mut().insert("content-length", body.len().to_string());
        *request.body_mut() = SdkBody::from(body.clone());
    });
    request.send().await.map(drop).map_err(failure::sdk(UPDATE))
}

/// What the SDK demands of a configuration. It is not sent: the true one takes its place.
fn placeholder() -> Result<DistributionConfig, BuildError> {
    let behaviour = DefaultCacheBehavior::builder()
        .target_origin_id("")
        .viewer_protocol_policy(ViewerProtocolPolicy::HttpsOnly);
    DistributionConfig::builder()
        .caller_reference("")
        .comment("")
        .enabled(false)
        .origins(Origins::builder().quantity(0).set_items(Some(Vec::new())).build()?)
        .default_cache_behavior(behaviour.build()?)
        .build()
}

pub(crate) async fn cache_policy(aws: &Aws, id: &str) -> Answer<Value> {
    let (asked, seen) = ("cloudfront GetCachePolicy", Capture::default());
    let request = aws.cloudfront.get_cache_policy().id(id).customize().interceptor(seen.clone());
    let answer = request.send().await.map_err(failure::sdk(asked))?;
    let policy = document(asked, &seen, &mut Names::default())?;
    Ok(json!({"ETag": answer.e_tag().unwrap_or_default(), "CachePolicy": policy}))
}

pub(crate) async fn origin_request_policy(aws: &Aws, id: &str) -> Answer<Value> {
    let (asked, seen) = ("cloudfront GetOriginRequestPolicy", Capture::default());
    let request = aws.cloudfront.get_origin_request_policy().id(id);
    let answer = request.customize().interceptor(seen.clone()).send().await;
    let answer = answer.map_err(failure::sdk(asked))?;
    let policy = document(asked, &seen, &mut Names::default())?;
    Ok(json!({"ETag": answer.e_tag().unwrap_or_default(), "OriginRequestPolicy": policy}))
}

pub(crate) async fn tags(aws: &Aws, arn: &str) -> Answer<BTreeMap<String, String>> {
    let answer = aws.cloudfront.list_tags_for_resource().resource(arn).send().await;
    let answer = answer.map_err(failure::sdk("cloudfront ListTagsForResource"))?;
    let tags = answer.tags().map(|tags| tags.items()).unwrap_or_default();
    let pair = |tag: &aws_sdk_cloudfront::types::Tag| {
        (tag.key().to_owned(), tag.value().unwrap_or_default().to_owned())
    };
    Ok(tags.iter().map(pair).collect())
}

pub(crate) async fn additional_metrics(aws: &Aws, distribution: &str) -> Answer<Option<bool>> {
    let request = aws.cloudfront.get_monitoring_subscription().distribution_id(distribution);
    let answer = request.send().await.map_err(failure::sdk("cloudfront GetMonitoringSubscription"));
    let answer = absent(answer, "NoSuchMonitoringSubscription")?;
    let subscription = answer.and_then(|answer| answer.monitoring_subscription);
    let config = subscription.and_then(|one| one.realtime_metrics_subscription_config);
    Ok(config.map(|config| {
        *config.realtime_metrics_subscription_status() == RealtimeMetricsSubscriptionStatus::Enabled
    }))
}

pub(crate) async fn invalidate(aws: &Aws, distribution: &str, paths: &[String]) -> Answer<()> {
    let asked = "cloudfront CreateInvalidation";
    // Each invalidation is a new one; its tries are the same one.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let reference = format!("x402-{}-{:08x}", now.as_millis(), fastrand::u32(..));
    let count = i32::try_from(paths.len()).unwrap_or(i32::MAX);
    let batch = Paths::builder().quantity(count).set_items(Some(paths.to_vec())).build();
    let batch = batch
        .and_then(|paths| {
            InvalidationBatch::builder().paths(paths).caller_reference(reference).build()
        })
        .map_err(|error| failure::unreadable(asked, &error.to_string()))?;
    let request = aws.cloudfront.create_invalidation().distribution_id(distribution);
    request.invalidation_batch(batch).send().await.map(drop).map_err(failure::sdk(asked))
}

/// `None` if AWS says, by this code, that there is none.
fn absent<T>(answer: Result<T, Failure>, code: &str) -> Answer<Option<T>> {
    match answer {
        Err(failure) if failure.code == code => Ok(None),
        answer => answer.map(Some),
    }
}

fn document(asked: &str, seen: &Capture, names: &mut Names) -> Answer<Value> {
    let element = xml::parse(&seen.take());
    element
        .and_then(|root| to_json(&root, names))
        .map_err(|error| failure::unreadable(asked, &error))
}
