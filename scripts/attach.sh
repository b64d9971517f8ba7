#!/usr/bin/env bash
# Puts the paywall in front of a distribution that exists. Safe to run again: it changes what differs.
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
. scripts/lib/distribution.sh

usage() {
    cat <<END
usage: scripts/attach.sh DISTRIBUTION_ID --config content.toml [options]
       scripts/attach.sh DISTRIBUTION_ID --rollback FILE [--yes]
Deploys the function and puts it on behaviours of the distribution, after showing it. Refuses a
distribution in which anything but the function leads to priced objects, and says what must change.

$shared_options
  --path PATTERN              the behaviour with this path pattern, or 'default'; may be repeated. Without it: the
                              behaviours that have the function already, or else the default one
  --no-watch                  no alarms and no dashboard
  --rollback FILE             put the distribution back as FILE in dist/rollback has it
END
}

id='' paths=() rollback=''
while [ $# -gt 0 ]; do
    case $1 in
        --help | -h) usage; exit ;;
        --path) [ $# -ge 2 ] || usage_error "$1 needs a value"; paths+=(--path "$2"); shift 2 ;;
        --rollback) [ $# -ge 2 ] || usage_error "$1 needs a value"; rollback=$2; shift 2 ;;
        --no-watch) watch=no; shift ;;
        --*) shared_option "$@" || usage_error "there is no option $1"; shift "$taken" ;;
        *) [ -z "$id" ] || usage_error "one distribution at a time: $id and $1"; id=$1; shift ;;
    esac
done
[[ $id =~ ^E[A-Z0-9]{5,20}$ ]] || die "which distribution? ${id:-none is named}" "name its id, as EDFDVBD6EXAMPLE"
stack=${stack:-x402-paywall-${id,,}}

if [ -n "$rollback" ]; then
    [ -f "$rollback" ] || die "there is no $rollback" "attach.sh leaves these files in dist/rollback"
    begin "look"
    sign_in
    read_distribution "$id" "$scratch/now.json"
    ship rollback "$scratch/now.json" --to "$rollback" --output "$scratch/plan.json" >"$scratch/changes" ||
        die "distribution $id stays as it is"
    [ -s "$scratch/changes" ] || { step=; say "nothing to do: distribution $id is as $rollback has it"; exit; }
    say "put distribution $id back as $rollback has it; every change since is undone:"
    sed 's/^/  /' "$scratch/changes"
    say "behaviours that lose the function serve their content free from then on"
    ask "Do this?"
    begin "put distribution $id back"
    update_distribution "$id" "$scratch/now.json" "$scratch/plan.json" || explain "updating distribution $id"
    step=
    say "put back; the edge follows in minutes. The function stays: scripts/destroy.sh --stack $stack removes it"
    say "how it was before this: $kept"
    exit
fi
check_shared_options

# associate ARN ANSWER: $scratch/plan.json and what it changes, in $scratch/changes.
associate() {
    ship associate "$2" --function "$1" --web-acl "$(stack_output "$stack" WebAclArn)" ${paths[@]+"${paths[@]}"} \
        --output "$scratch/plan.json" >"$scratch/changes" || die "the function cannot go there; distribution $id is untouched"
}

begin "look: account, distribution $id, price table"
sign_in
read_distribution "$id" "$scratch/now.json"
status=$(stack_status "$stack")
stack_can_change "$stack" "$status"
check_stack_name "$status"
arn='' live_secrets=''
if stack_exists "$status"; then
    arn=$(stack_output "$stack" FunctionVersionArn)
    live_secrets=$(stack_tag "$stack" x402-secrets)
fi
# Before the function is there, the plan is judged with a name in its place.
associate "${arn:-arn:aws:lambda:$region:$account:function:$stack:1}" "$scratch/now.json"
check_gates "$scratch/plan.json" "$id" "${arn:-arn:aws:lambda:$region:$account:function:$stack:1}" ||
    die "distribution $id is untouched" "change what is refused above, then run the same command again"
hosts=()
# shellcheck disable=SC2016 # JMESPath's literals
read -r -a hosts <<<"$(text 'Distribution.[DistributionConfig.Aliases.Items || `[]`, [DomainName]][]' cloudfront get-distribution --id "$id" | tr '\t' ' ')"
say ""
say "put the function of stack $stack ($([ -z "$status" ] && echo new || echo "$status")) on distribution $id"
sed 's/^/  /' "$scratch/changes"
preflight "$status" "${hosts[@]}"
check_site
plan_regions
plan_secrets "$live_secrets"
plan_artifact
stack_parameters "$status" "$scratch/all-parameters"
plan_watch "$scratch/all-parameters" "$scratch/function"
describe_artifact
describe_secrets
describe_limits "  sales       "
if stack_exists "$status" && [ "$secrets_action" = unchanged ] && site_is_current && [ ! -s "$scratch/changes" ] &&
    stack_is_current "$stack" infra/attach.yaml "$scratch/function" && watch_is_current "$id"; then
    # An earlier run may have ended before it.
    claim_site
    step=
    say "nothing to do: this very function is attached"
    exit
fi
ask "Do this?"

plan_attempt "$stack" "$status" infra/attach.yaml "$scratch/function"
early=no
! store_is_there "$scratch/function" "$status" || early=yes
if [ "$early" = yes ]; then
    begin "claim the site's id"
    claim_site
fi
begin "secrets"
apply_secrets
begin "upload the package"
upload_artifact "$scratch/record.json"

# deploy_and_associate: fails if CloudFront refuses the function; why is in $scratch/error.
deploy_and_associate() {
    begin "deploy the function (stack $stack)"
    deploy_stack "$stack" infra/attach.yaml "$scratch/function" || failed_deployment "$stack" "$scratch/failures"
    arn=$(stack_output "$stack" FunctionVersionArn)
    if [ "$early" = no ]; then
        begin "claim the site's id"
        claim_site
    fi
    begin "put it on distribution $id"
    read_distribution "$id" "$scratch/now.json"
    associate "$arn" "$scratch/now.json"
    [ -s "$scratch/changes" ] || return 0
    sed 's/^/  /' "$scratch/changes"
    # What was judged may have changed since.
    check_gates "$scratch/plan.json" "$id" "$arn" || die "distribution $id is untouched" "change what is refused above, then run the same command again"
    update_distribution "$id" "$scratch/now.json" "$scratch/plan.json"
}
kept=
if ! deploy_and_associate; then
    timeout_refused "$scratch/error" || explain "putting the function on distribution $id"
    say "this account gives functions on viewer events 5 s, not 30: deploying with 5 s"
    say "(slow settlements will be answered 503 more often; ask AWS Support for the newer Lambda@Edge quotas)"
    parameters "$scratch/function" FunctionTimeout=5
    deploy_and_associate || explain "putting the function on distribution $id"
fi
deploy_watch "$id"
step=
say ""
say "attached; the edge follows in minutes: scripts/status.sh --stack $stack --distribution $id"
[ -z "$kept" ] || say "to put the distribution back: scripts/attach.sh $id --rollback $kept"
