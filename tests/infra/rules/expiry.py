import policy


class Expiry(policy.Policy):
    """Expired records must be gone: an old version of one would be kept, and paid for, for ever."""

    id = "E9022"
    shortdesc = "Records and logs expire"
    description = "Buckets that are written to by machines delete by a parameter's days and keep no versions"
    # Each must expire, and nothing beside them: `v2/sites/` says whose a site's id is, for as long as there is a store.
    folders_of_records = {f"${{RedemptionsPrefix}}v2/{folder}/" for folder in ("payments", "accounts", "transactions")}
    source_url = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html"
    written_by_machines = {"RedemptionsBucket": "RedemptionsKeepDays", "AccessLogsBucket": "AccessLogsKeepDays"}

    def check(self, template):
        for name, bucket, path in policy.resources(template, "AWS::S3::Bucket"):
            if name not in self.written_by_machines:
                continue
            enabled = [rule for rule in policy.values(bucket, "LifecycleConfiguration", "Rules", "*") if rule.get("Status") == "Enabled"]
            wanted = self.written_by_machines[name]
            expiring = [rule for rule in enabled if policy.logical_id(rule.get("ExpirationInDays")) == wanted]
            if not expiring:
                yield path, f"{name}: no lifecycle rule deletes after {wanted}"
            elif name == "RedemptionsBucket":
                folders = {policy.text(rule.get("Prefix")) for rule in enabled}
                for folder in sorted(self.folders_of_records - folders):
                    yield path, f"{name}: no lifecycle rule deletes what is under {folder}"
                for folder in sorted(folders - self.folders_of_records):
                    yield path, f"{name}: a lifecycle rule deletes what is under {folder}, where more than records of payments may be"
            if "VersioningConfiguration" in bucket:
                yield path, f"{name}: with versions, what expires is kept"
        for name, group, path in policy.resources(template, "AWS::Logs::LogGroup"):
            if policy.logical_id(group.get("RetentionInDays")) not in template.get("Parameters", {}):
                yield path, f"{name}: RetentionInDays is not set by a parameter"
