//! Which module answers what.

use std::collections::BTreeMap;

use deployment::control_plane::{
    Answer, BucketState, Caller, ChangeSet, Configuration, ControlPlane, Credentials, Distribution,
    Function, LogGroup, Object, Parameter, Stack, StackChange, WebAcl,
};
use serde_json::Value;

use crate::aws::Aws;
use crate::{
    account, alarms, buckets, distributions, functions, logs, objects, parameters, stacks, web_acl,
};

impl ControlPlane for Aws {
    fn region(&self) -> &str {
        Aws::region(self)
    }

    fn in_region(&self, region: &str) -> Self {
        self.elsewhere(region)
    }

    async fn caller(&self) -> Answer<Caller> {
        account::caller(self).await
    }

    async fn credentials(&self) -> Answer<Credentials> {
        account::credentials(self).await
    }

    async fn stack(&self, name: &str) -> Answer<Option<Stack>> {
        stacks::one(self, name).await
    }

    async fn stacks(&self) -> Answer<Vec<Stack>> {
        stacks::all(self).await
    }

    async fn stack_failures(&self, name: &str) -> Answer<Vec<String>> {
        stacks::failures(self, name).await
    }

    async fn stack_template(&self, name: &str) -> Answer<String> {
        stacks::template(self, name).await
    }

    async fn stack_of(&self, distribution: &str) -> Answer<Option<String>> {
        stacks::of(self, distribution).await
    }

    async fn create_change_set(&self, change: &StackChange) -> Answer<String> {
        stacks::create_change_set(self, change).await
    }

    async fn change_set(&self, stack: &str, id: &str) -> Answer<ChangeSet> {
        stacks::change_set(self, stack, id).await
    }

    async fn execute_change_set(&self, stack: &str, id: &str) -> Answer<()> {
        stacks::execute_change_set(self, stack, id).await
    }

    async fn delete_change_set(&self, stack: &str, id: &str) -> Answer<()> {
        stacks::delete_change_set(self, stack, id).await
    }

    async fn delete_stack(&self, name: &str) -> Answer<()> {
        stacks::delete(self, name).await
    }

    async fn distributions(&self) -> Answer<Vec<Distribution>> {
        distributions::all(self).await
    }

    async fn distribution(&self, id: &str) -> Answer<Option<Distribution>> {
        distributions::one(self, id).await
    }

    async fn configuration(&self, id: &str) -> Answer<Option<Configuration>> {
        distributions::configuration(self, id).await
    }

    async fn update_distribution(&self, id: &str, etag: &str, config: &Value) -> Answer<()> {
        distributions::update(self, id, etag, config).await
    }

    async fn distribution_list(&self) -> Answer<Value> {
        distributions::list(self).await
    }

    async fn cache_policy(&self, id: &str) -> Answer<Value> {
        distributions::cache_policy(self, id).await
    }

    async fn origin_request_policy(&self, id: &str) -> Answer<Value> {
        distributions::origin_request_policy(self, id).await
    }

    async fn distribution_tags(&self, arn: &str) -> Answer<BTreeMap<String, String>> {
        distributions::tags(self, arn).await
    }

    async fn additional_metrics(&self, distribution: &str) -> Answer<Option<bool>> {
        distributions::additional_metrics(self, distribution).await
    }

    async fn invalidate(&self, distribution: &str, paths: &[String]) -> Answer<()> {
        distributions::invalidate(self, distribution, paths).await
    }

    async fn functions(&self) -> Answer<Vec<Function>> {
        functions::all(self).await
    }

    async fn code_sha256(&self, version: &str) -> Answer<Option<String>> {
        functions::code_sha256(self, version).await
    }
    async fn delete_function(&self, name: &str) -> Answer<()> {
        functions::delete(self, name).await
    }

    async fn unreserved_concurrency(&self) -> Answer<u64> {
        functions::unreserved_concurrency(self).await
    }

    async fn web_acl(&self, arn: &str) -> Answer<Option<WebAcl>> {
        web_acl::one(self, arn).await
    }

    async fn update_web_acl(&self, arn: &str, lock: &str, acl: &Value) -> Answer<()> {
        web_acl::update(self, arn, lock, acl).await
    }

    async fn status_of(&self, url: &str, name: &str, value: &str) -> Answer<u16> {
        self.signer.status_of(url, name, value).await
    }

    async fn parameter(&self, name: &str) -> Answer<Option<Parameter>> {
        parameters::one(self, name).await
    }

    async fn parameter_key(&self, name: &str) -> Answer<Option<String>> {
        parameters::key(self, name).await
    }

    async fn put_parameter(
        &self,
        name: &str,
        value: &str,
        key: Option<&str>,
        overwrite: bool,
    ) -> Answer<u64> {
        parameters::put(self, name, value, key, overwrite).await
    }

    async fn delete_parameter(&self, name: &str) -> Answer<()> {
        parameters::delete(self, name).await
    }

    async fn ringing(&self, prefix: &str) -> Answer<Vec<String>> {
        alarms::ringing(self, prefix).await
    }

    async fn log_group(&self, name: &str) -> Answer<Option<LogGroup>> {
        logs::one(self, name).await
    }

    async fn keep_log(&self, name: &str, days: u32) -> Answer<()> {
        logs::keep(self, name, days).await
    }

    async fn own_buckets(&self, prefix: &str) -> Answer<Vec<String>> {
        buckets::own(self, prefix).await
    }

    async fn bucket(&self, name: &str) -> Answer<BucketState> {
        buckets::state(self, name).await
    }

    async fn bucket_location(&self, name: &str) -> Answer<String> {
        buckets::location(self, name).await
    }

    async fn create_bucket(&self, name: &str) -> Answer<()> {
        buckets::create(self, name).await
    }

    async fn close_bucket(&self, name: &str) -> Answer<()> {
        buckets::close(self, name).await
    }

    async fn delete_bucket(&self, name: &str) -> Answer<()> {
        buckets::delete(self, name).await
    }

    async fn bucket_policy(&self, name: &str) -> Answer<Option<String>> {
        buckets::policy(self, name).await
    }

    async fn bucket_is_public(&self, name: &str) -> Answer<Option<bool>> {
        buckets::is_public(self, name).await
    }

    async fn public_access_block(&self, name: &str) -> Answer<Option<Value>> {
        buckets::public_access_block(self, name).await
    }

    async fn get_object(&self, bucket: &str, key: &str) -> Answer<Option<Vec<u8>>> {
        objects::get(self, bucket, key).await
    }

    async fn has_object(&self, bucket: &str, key: &str) -> Answer<bool> {
        objects::has(self, bucket, key).await
    }

    async fn put_object(
        &self,
        bucket: &str,
        key: &str,
        content_type: &str,
        bytes: &[u8],
    ) -> Answer<()> {
        objects::put(self, bucket, key, content_type, bytes).await
    }

    async fn objects(&self, bucket: &str, prefix: &str) -> Answer<Vec<Object>> {
        objects::list(self, bucket, prefix).await
    }

    async fn delete_objects(&self, bucket: &str, keys: &[String]) -> Answer<()> {
        objects::delete(self, bucket, keys).await
    }
}
