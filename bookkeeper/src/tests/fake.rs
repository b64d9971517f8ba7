//! A control plane that answers what the check asks, and nothing else.

use std::collections::BTreeMap;

use deployment::control_plane::*;
use serde_json::Value;

#[derive(Clone)]
pub(super) struct Fake {
    pub(super) configuration: Answer<Option<Configuration>>,
    pub(super) object: Answer<Option<Vec<u8>>>,
    /// What Lambda says of a version that is not the one that was judged.
    pub(super) package: Answer<Option<String>>,
}

/// The function's role allows nothing else.
fn unasked<T>() -> T {
    panic!("the check asks for what its role does not allow")
}

impl ControlPlane for Fake {
    fn region(&self) -> &str {
        unasked()
    }
    fn in_region(&self, _: &str) -> Self {
        unasked()
    }

    async fn configuration(&self, _: &str) -> Answer<Option<Configuration>> {
        self.configuration.clone()
    }

    async fn get_object(&self, _: &str, _: &str) -> Answer<Option<Vec<u8>>> {
        self.object.clone()
    }

    async fn caller(&self) -> Answer<Caller> {
        unasked()
    }
    async fn credentials(&self) -> Answer<Credentials> {
        unasked()
    }
    async fn stack(&self, _: &str) -> Answer<Option<Stack>> {
        unasked()
    }
    async fn stacks(&self) -> Answer<Vec<Stack>> {
        unasked()
    }
    async fn stack_failures(&self, _: &str) -> Answer<Vec<String>> {
        unasked()
    }
    async fn stack_template(&self, _: &str) -> Answer<String> {
        unasked()
    }
    async fn stack_of(&self, _: &str) -> Answer<Option<String>> {
        unasked()
    }
    async fn create_change_set(&self, _: &StackChange) -> Answer<String> {
        unasked()
    }
    async fn change_set(&self, _: &str, _: &str) -> Answer<ChangeSet> {
        unasked()
    }
    async fn execute_change_set(&self, _: &str, _: &str) -> Answer<()> {
        unasked()
    }
    async fn delete_change_set(&self, _: &str, _: &str) -> Answer<()> {
        unasked()
    }
    async fn delete_stack(&self, _: &str) -> Answer<()> {
        unasked()
    }
    async fn distributions(&self) -> Answer<Vec<Distribution>> {
        unasked()
    }
    async fn distribution(&self, _: &str) -> Answer<Option<Distribution>> {
        unasked()
    }
    async fn update_distribution(&self, _: &str, _: &str, _: &Value) -> Answer<()> {
        unasked()
    }
    async fn distribution_list(&self) -> Answer<Value> {
        unasked()
    }
    async fn cache_policy(&self, _: &str) -> Answer<Value> {
        unasked()
    }
    async fn origin_request_policy(&self, _: &str) -> Answer<Value> {
        unasked()
    }
    async fn distribution_tags(&self, _: &str) -> Answer<BTreeMap<String, String>> {
        unasked()
    }
    async fn additional_metrics(&self, _: &str) -> Answer<Option<bool>> {
        unasked()
    }
    async fn invalidate(&self, _: &str, _: &[String]) -> Answer<()> {
        unasked()
    }
    async fn functions(&self) -> Answer<Vec<Function>> {
        unasked()
    }
    async fn code_sha256(&self, version: &str) -> Answer<Option<String>> {
        assert!(version.ends_with(":8"), "{version} is the one that is known");
        self.package.clone()
    }
    async fn delete_function(&self, _: &str) -> Answer<()> {
        unasked()
    }
    async fn unreserved_concurrency(&self) -> Answer<u64> {
        unasked()
    }
    async fn web_acl(&self, _: &str) -> Answer<Option<WebAcl>> {
        unasked()
    }
    async fn update_web_acl(&self, _: &str, _: &str, _: &Value) -> Answer<()> {
        unasked()
    }
    async fn status_of(&self, _: &str, _: &str, _: &str) -> Answer<u16> {
        unasked()
    }
    async fn parameter(&self, _: &str) -> Answer<Option<Parameter>> {
        unasked()
    }
    async fn parameter_key(&self, _: &str) -> Answer<Option<String>> {
        unasked()
    }
    async fn put_parameter(&self, _: &str, _: &str, _: Option<&str>, _: bool) -> Answer<u64> {
        unasked()
    }
    async fn delete_parameter(&self, _: &str) -> Answer<()> {
        unasked()
    }
    async fn ringing(&self, _: &str) -> Answer<Vec<String>> {
        unasked()
    }
    async fn log_group(&self, _: &str) -> Answer<Option<LogGroup>> {
        unasked()
    }
    async fn keep_log(&self, _: &str, _: u32) -> Answer<()> {
        unasked()
    }
    async fn own_buckets(&self, _: &str) -> Answer<Vec<String>> {
        unasked()
    }
    async fn bucket(&self, _: &str) -> Answer<BucketState> {
        unasked()
    }
    async fn bucket_location(&self, _: &str) -> Answer<String> {
        unasked()
    }
    async fn create_bucket(&self, _: &str) -> Answer<()> {
        unasked()
    }
    async fn close_bucket(&self, _: &str) -> Answer<()> {
        unasked()
    }
    async fn delete_bucket(&self, _: &str) -> Answer<()> {
        unasked()
    }
    async fn bucket_policy(&self, _: &str) -> Answer<Option<String>> {
        unasked()
    }
    async fn bucket_is_public(&self, _: &str) -> Answer<Option<bool>> {
        unasked()
    }
    async fn public_access_block(&self, _: &str) -> Answer<Option<Value>> {
        unasked()
    }
    async fn has_object(&self, _: &str, _: &str) -> Answer<bool> {
        unasked()
    }
    async fn put_object(&self, _: &str, _: &str, _: &str, _: &[u8]) -> Answer<()> {
        unasked()
    }
    async fn objects(&self, _: &str, _: &str) -> Answer<Vec<Object>> {
        unasked()
    }
    async fn delete_objects(&self, _: &str, _: &[String]) -> Answer<()> {
        unasked()
    }
}
