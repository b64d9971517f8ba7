#!/usr/bin/env bash
# A new site: bucket, distribution, function. Safe to run again: it changes what differs.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib/say.sh
. scripts/lib/aws.sh
. scripts/lib/stack.sh
. scripts/lib/options.sh
. scripts/lib/limits.sh
. scripts/lib/secrets.sh
. scripts/lib/artifact.sh
. scripts/lib/site.sh
. scripts/lib/watch.sh
. scripts/lib/gates.sh

usage() {
    cat <<END
usage: scripts/deploy.sh --config content.toml [options]
Creates or updates a site that sells what the content.toml says, after showing it.

$shared_options
  --bucket NAME               the content bucket; STACK-content-ACCOUNT, made if it is not there
  --own-bucket-policy         that bucket has a policy, which stays yours: you add the statements that this prints
  --no-watch                  no alarms and no dashboard

Then: scripts/upload-content.sh publishes the content, scripts/status.sh says where things are,
scripts/destroy.sh takes the site down again.
END
}

bucket='' watch=yes own_bucket_policy=no stack=x402-paywall
while [ $# -gt 0 ]; do
    case $1 in
        --help | -h) usage; exit ;;
        --bucket) [ $# -ge 2 ] || usage_error "$1 needs a value"; bucket=$2; shift 2 ;;
        --no-watch) watch=no; shift ;;
        --own-bucket-policy) own_bucket_policy=yes; shift ;;
        *) shared_option "$@" || usage_error "there is no option $1"; shift "$taken" ;;
    esac
done
check_shared_options

begin "look: account, stack, price table, buckets"
sign_in
status=$(stack_status "$stack")
stack_can_change "$stack" "$status"
check_stack_name "$status"
hosts=() live_secrets=''
if stack_exists "$status"; then
    live_secrets=$(stack_tag "$stack" x402-secrets)
    bucket=${bucket:-$(stack_parameter "$stack" ContentBucketName)}
    names=$(wanted_parameter "$status" DomainNames)
    IFS=, read -r -a hosts <<<"$names"
    hosts+=("$(stack_output "$stack" DistributionDomainName)")
fi
bucket=${bucket:-$stack-content-$account}
check_bucket "$bucket" --bucket "name another one with --bucket"
say ""
say "$([ -z "$status" ] && echo create || echo update) the site of stack $stack in $region${status:+ ($status)}"
preflight "$status" ${hosts[@]+"${hosts[@]}"}
check_site
plan_regions
plan_secrets "$live_secrets"
plan_artifact

stack_parameters "$status" "$scratch/site-parameters"
create=$(whether_to_create "$status" CreateContentBucket "$bucket")
plan_bucket_policy "$bucket" "$create"
parameters "$scratch/site-parameters" ContentBucketName="$bucket" CreateContentBucket="$create" ContentPolicyBy="$policy_by"
[ ${#given[@]} = 0 ] || parameters "$scratch/site-parameters" "${given[@]}"
plan_watch "$scratch/site-parameters" "$scratch/site"
describe_artifact
describe_secrets
describe_limits "  sales       "
say "  content     s3://$bucket"
say "  stack       $(sed -n 's/^FunctionTimeout=//p' "$scratch/site") s for the function; infra/site.yaml$([ "$watch" = no ] || echo ", and $stack-watch: alarms and dashboard")"

if stack_exists "$status" && [ "$secrets_action" = unchanged ] && site_is_current &&
    stack_is_current "$stack" infra/site.yaml "$scratch/site" &&
    watch_is_current "$(stack_output "$stack" DistributionId)"; then
    # An earlier run may have ended before it.
    claim_site
    step=
    say "nothing to do: this very function is deployed"
    tell_bucket_policy "$bucket" "$(stack_output "$stack" DistributionId)" "$policy_by"
    exit
fi
ask "Do this?"

plan_attempt "$stack" "$status" infra/site.yaml "$scratch/site"
early=no
! store_is_there "$scratch/site" "$status" || early=yes
if [ "$early" = yes ]; then
    begin "claim the site's id"
    claim_site
fi
begin "secrets"
apply_secrets
begin "upload the package"
upload_artifact "$scratch/record.json"
begin "deploy stack $stack (a new distribution takes some minutes)"
if ! deploy_stack "$stack" infra/site.yaml "$scratch/site"; then
    timeout_refused "$scratch/failures" || failed_deployment "$stack" "$scratch/failures"
    say "this account gives functions on viewer events 5 s, not 30: deploying with 5 s"
    say "(slow settlements will be answered 503 more often; ask AWS Support for the newer Lambda@Edge quotas)"
    parameters "$scratch/site" FunctionTimeout=5
    deploy_stack "$stack" infra/site.yaml "$scratch/site" || failed_deployment "$stack" "$scratch/failures"
fi
if [ "$early" = no ]; then
    begin "claim the site's id"
    claim_site
fi
distribution=$(stack_output "$stack" DistributionId)
deploy_watch "$distribution"

begin "check every way to the content"
run_aws cloudfront get-distribution-config --id "$distribution" >"$scratch/live.json"
check_gates "$scratch/live.json" "$distribution" "$(stack_output "$stack" FunctionVersionArn)" ||
    die "the site is deployed, and what is refused above leads round the function" \
        "mend it now, or take the site down: scripts/destroy.sh --stack $stack"
step=
url=$(stack_output "$stack" SiteUrl)
say ""
say "deployed: $url"
tell_bucket_policy "$bucket" "$distribution" "$policy_by"
if [ ${#hosts[@]} = 0 ] && ! grep -q "\"$url\"" "$config"; then
    say "next: write urls = [\"$url\"] into [site] of $config and run scripts/deploy.sh again: answers name that URL"
fi
say "next: scripts/upload-content.sh puts the content into s3://$bucket"
say "next: scripts/status.sh --stack $stack, until the distribution is Deployed everywhere (minutes)"
