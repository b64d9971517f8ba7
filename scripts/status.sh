#!/usr/bin/env bash
# Where a deployment stands, and what to do next. Changes nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib/say.sh
. scripts/lib/aws.sh
. scripts/lib/stack.sh
. scripts/lib/artifact.sh
. scripts/lib/limits.sh
. scripts/lib/site.sh

usage() {
    cat <<'END'
usage: scripts/status.sh [--stack NAME] [--distribution ID] [--config content.toml] [--buyers-in REGION]

  --stack NAME        the stack; x402-paywall
  --distribution ID   the distribution that the function was attached to
  --config FILE       say whether the deployed prices are those of this content.toml
  --buyers-in REGION  say how many sales fit in at once there; may be repeated. Without it: the Regions that were named
                      at the deployment
END
}

stack=x402-paywall distribution='' config=${CONTENT_CONFIG:-}
while [ $# -gt 0 ]; do
    case $1 in
        --help | -h) usage; exit ;;
        --stack | --distribution | --config | --buyers-in) [ $# -ge 2 ] || usage_error "$1 needs a value" ;;&
        --stack) name_stack "$2" ;;
        --distribution) distribution=$2 ;;
        --config) config=$2 ;;
        --buyers-in) add_buyers_in "$2" ;;
        *) usage_error "there is no option $1" ;;
    esac
    shift 2
done

next=()
sign_in
status=$(stack_status "$stack")
say "stack         $stack: ${status:-not deployed}"
if ! stack_exists "$status"; then
    left=$(functions_of "$stack" | paste -sd " ")
    [ -z "$left" ] || next+=("a function is left ($left): scripts/destroy.sh --stack $stack removes it once its replicas are gone")
    [ -n "$left" ] || next+=("scripts/deploy.sh makes a new site, scripts/attach.sh guards one that exists")
else
    case $status in *FAILED* | *ROLLBACK*) stack_failures "$stack" | sed 's/^/              /' ;; esac
    distribution=${distribution:-$(stack_output "$stack" DistributionId)}
    arn=$(stack_output "$stack" FunctionVersionArn)
    timeout=$(stack_parameter "$stack" FunctionTimeout)
    code_sha256=$(stack_parameter "$stack" CodeSha256)
    say "function      ${arn##*:function:}, $timeout s"
    # A group of the stack's own has one name in every Region; Lambda's default would have us-east-1 in it.
    # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-logs.html
    log=$(stack_output "$stack" FunctionLogGroupName)
    say "log           $log in each Region where it ran: aws logs tail $log --since 1h --region REGION"
    if [ -f "$dist/edge-fn.zip" ]; then
        if [ "$(openssl dgst -sha256 -binary "$dist/edge-fn.zip" | openssl base64 -A)" = "$code_sha256" ]; then
            say "package       $dist/edge-fn.zip is the one that is deployed"
        else
            say "package       $dist/edge-fn.zip is another one than is deployed"
        fi
    fi
    if [ -n "$distribution" ]; then
        if state=$(text Distribution.Status cloudfront get-distribution --id "$distribution"); then
            say "distribution  $distribution: $state, https://$(text Distribution.DomainName cloudfront get-distribution --id "$distribution")"
            [ "$state" = Deployed ] || next+=("wait: the edge takes some minutes to have the newest configuration everywhere")
            live=$(text "to_string(DistributionConfig)" cloudfront get-distribution-config --id "$distribution")
            [[ $live == *"$arn"* ]] || next+=("distribution $distribution does not run this function's version: scripts/deploy.sh or attach.sh again")
        else
            failed_with NoSuchDistribution || explain "asking for distribution $distribution"
            say "distribution  $distribution: there is none"
        fi
    else
        next+=("name the distribution with --distribution to see whether it runs the function")
    fi
    if fetch_record "$stack" "$scratch/record.json"; then
        deployed=$(sed -n 's/.*"tableSha256": "\([0-9a-f]*\)".*/\1/p' "$scratch/record.json")
        say "prices        table ${deployed:0:16}, $(sed -n 's/.*"objects": \([0-9]*\).*/\1/p' "$scratch/record.json") objects"
        if [ -n "$config" ]; then
            now=$(ship table-hash --content-config "$config") || die "$config has errors"
            [ "$now" = "$deployed" ] || next+=("the prices in $config (table ${now:0:16}) are not live: scripts/deploy.sh, or attach.sh, brings them there")
        fi
    else
        say "prices        unknown: the record beside the package is gone"
    fi
    told=$(tell_bucket_policy "$(stack_output "$stack" ContentBucketName)" "$distribution" "$(stack_parameter "$stack" ContentPolicyBy)")
    [ -z "$told" ] || next+=("${told#next: }")
    tag=$(stack_tag "$stack" x402-secrets)
    if [[ $tag == /x402/* ]]; then
        if written=$(text Parameter.LastModifiedDate ssm get-parameter --name "$tag"); then
            say "secrets       SSM $tag, written $written"
            newest=$(text Parameter.Version ssm get-parameter --name "${tag%:*}")
            [ "$newest" = "${tag##*:}" ] || next+=("SSM ${tag%:*} has a newer version, $newest, that is not live: deploy again")
        elif ! failed_with 'Parameter(Version)?NotFound'; then
            explain "reading when the secrets were written"
        else
            next+=("the secrets $tag are gone: the function cannot start. Deploy again with new ones")
        fi
    else
        say "secrets       in the zip"
    fi
    plan_regions
    describe_limits "sales         "
    watch=$(stack_status "$stack-watch")
    say "watching      ${watch:-no stack $stack-watch: no alarms}"
    ringing=$(text "MetricAlarms[?StateValue=='ALARM'].AlarmName" cloudwatch describe-alarms --alarm-name-prefix "$stack-watch-" | tr '\t' '\n') || explain "reading alarms"
    for alarm in $ringing; do
        say "ALARM         $alarm"
        next+=("look at alarm $alarm: infra/README.md says what each means")
    done
    case $status in *_IN_PROGRESS) next+=("wait until CloudFormation is done with $stack") ;;
        UPDATE_ROLLBACK_FAILED | *_FAILED) next+=("scripts/deploy.sh says how to go on from $status") ;; esac
fi
[ ${#next[@]} != 0 ] || next+=("nothing: all is as it should be")
for what in "${next[@]}"; do say "next          $what"; done
