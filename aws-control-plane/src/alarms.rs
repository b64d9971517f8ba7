//! CloudWatch's alarms.

use deployment::control_plane::Answer;
use reqwest::Method;
use url::form_urlencoded::Serializer;

use crate::aws::Aws;
use crate::buckets::document;
use crate::failure;
use crate::signed::{Request, Service};

/// By the query protocol, which every endpoint speaks.
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html>
pub(crate) async fn ringing(aws: &Aws, prefix: &str) -> Answer<Vec<String>> {
    let asked = "cloudwatch DescribeAlarms";
    let (mut names, mut next) = (Vec::new(), String::new());
    loop {
        let mut form = Serializer::new(String::new());
        form.append_pair("Action", "DescribeAlarms").append_pair("Version", "2010-08-01");
        form.append_pair("StateValue", "ALARM").append_pair("AlarmNamePrefix", prefix);
        if !next.is_empty() {
            form.append_pair("NextToken", &next);
        }
        let body = form.finish();
        let request = Request {
            asked,
            service: Service::CloudWatch,
            method: Method::POST,
            url: format!("{}/", aws.signer.endpoint(Service::CloudWatch)),
            headers: vec![("content-type", "application/x-www-form-urlencoded".to_owned())],
            body: body.as_bytes(),
        };
        let reply = aws.signer.ask(&request).await?;
        let page = document(asked, &reply.body)?;
        let result = page
            .child("DescribeAlarmsResult")
            .ok_or_else(|| failure::unreadable(asked, "an answer without a result"))?;
        let alarms = result.child("MetricAlarms").into_iter().flat_map(|list| list.all("member"));
        // Asked for alone, and looked at again: a service that knows no `StateValue` would give all.
        let alarms = alarms.filter(|alarm| alarm.text_of("StateValue") == "ALARM");
        names.extend(alarms.map(|alarm| alarm.text_of("AlarmName").to_owned()));
        next = result.text_of("NextToken").to_owned();
        if next.is_empty() {
            return Ok(names);
        }
    }
}
