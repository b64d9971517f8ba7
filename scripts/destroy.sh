#!/usr/bin/env bash
# Takes a site, or an attached function, down again. Safe to run again: it goes on where it stopped.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib/say.sh
. scripts/lib/aws.sh
. scripts/lib/stack.sh

usage() {
    cat <<'END'
usage: scripts/destroy.sh [--stack NAME] [options]
Deletes the distribution, the function, its secrets and packages. Content and records of sales stay.

  --stack NAME             the stack; x402-paywall
  --delete-content BUCKET  delete the content bucket too, with all that is in it; its name is the confirmation
  --open                   the function is attached to a distribution of yours: take it off, which serves what it
                           guards free from then on
  --artifact-bucket NAME   where packages are kept; x402-artifacts-ACCOUNT
  --wait MINUTES           wait so long for the edge: minutes until a distribution has let go of the function, hours
                           until its replicas are gone
  --yes                    do not ask

Ends with 3 if the edge is not that far yet: the same command goes on later.
END
}

stack=x402-paywall delete_content='' open=no artifact_bucket='' wait_minutes=0 yes=no
while [ $# -gt 0 ]; do
    case $1 in
        --help | -h) usage; exit ;;
        --yes) yes=yes; shift; continue ;;
        --open) open=yes; shift; continue ;;
        --stack | --delete-content | --artifact-bucket | --wait) [ $# -ge 2 ] || usage_error "$1 needs a value" ;;&
        --stack) name_stack "$2" ;;
        --delete-content) delete_content=$2 ;;
        --artifact-bucket) artifact_bucket=$2 ;;
        --wait) [[ $2 =~ ^[0-9]{1,4}$ ]] || usage_error "--wait $2: write minutes"; wait_minutes=$2 ;;
        *) usage_error "there is no option $1" ;;
    esac
    shift 2
done


begin "look"
sign_in
artifact_bucket=${artifact_bucket:-x402-artifacts-$account}
status=$(stack_status "$stack")
watch_status=$(stack_status "$stack-watch")
case $status in DELETE_IN_PROGRESS) ;; *_IN_PROGRESS) stack_can_change "$stack" "$status" ;; esac
content=$(stack_output "$stack" ContentBucketName)
records=$(stack_output "$stack" RedemptionsBucketName)
distribution=$(stack_output "$stack" DistributionId)

functions=$(functions_of "$stack")

# Distributions that run one of them and are not the stack's own.
attached() {
    local function
    for function in $functions; do
        text "DistributionList.Items[?Id != '$distribution' && contains(to_string(@), ':function:$function:')].Id" \
            cloudfront list-distributions | tr '\t' '\n' || explain "listing distributions"
    done | sort -u
}
attached=$(attached)
if [ -n "$delete_content" ]; then
    [ -z "$content" ] || [ "$content" = "$delete_content" ] ||
        die "--delete-content $delete_content: the content of stack $stack is in $content" "type its name to delete it"
    content_state=$(bucket_state "$delete_content")
    case $content_state in
        taken) die "bucket $delete_content is not this account's" ;;
        free) say "(there is no bucket $delete_content any more)"; delete_content='' ;;
    esac
fi
secrets=$(text Parameter.Version ssm get-parameter --name "/x402/$stack") ||
    failed_with ParameterNotFound || explain "looking for the secrets"

artifact_state=$(bucket_state "$artifact_bucket") packages=''
[ "$artifact_state" != ours ] ||
    packages=$(text 'Contents[0].Key' s3api list-objects-v2 --bucket "$artifact_bucket" --prefix "$stack/" --max-items 1 "${owner[@]}") ||
    explain "looking for packages in s3://$artifact_bucket"

say ""
say "take down stack $stack in account $account:"
[ -z "$watch_status" ] || say "  delete  stack $stack-watch ($watch_status): alarms, dashboard"
for id in $attached; do say "  change  distribution $id: without the function"; done
[ -z "$status" ] || say "  delete  stack $stack ($status)${distribution:+: distribution $distribution and what belongs to it}"
for function in $functions; do say "  delete  function $function, once its replicas are gone"; done
[ -z "$secrets" ] || say "  delete  secrets in SSM /x402/$stack: passes that were sold end"
[ -z "$packages" ] || say "  delete  packages in s3://$artifact_bucket/$stack/"
[ -z "$delete_content" ] || say "  DELETE  bucket $delete_content WITH ALL CONTENT"
[ -n "$delete_content" ] || [ -z "$content" ] || say "  keep    content in s3://$content (--delete-content $content deletes it)"
[ "$(stack_parameter "$stack" ContentPolicyBy)" != owner ] ||
    say "  keep    the policy of s3://$content, which is yours; what it says of distribution $distribution has no use any more"
[ -z "$records" ] || say "  keep    records of sales in s3://$records"
if [ -z "$status$watch_status$functions$secrets$packages$delete_content" ]; then
    step=
    say "  nothing: it is gone"
    exit
fi
if [ -n "$attached" ] && [ "$open" = no ]; then
    die "the function guards distribution ${attached//$'\n'/, }: without it, what it guards is free" \
        "put the distribution back first (scripts/attach.sh ID --rollback FILE), or add --open"
fi
ask "Do this?"

for id in $attached; do
    begin "take the function off distribution $id"
    . scripts/lib/distribution.sh
    read_distribution "$id" "$scratch/now.json"
    for function in $functions; do
        ship associate "$scratch/now.json" --function "arn:aws:lambda:$region:$account:function:$function:1" --remove \
            --web-acl "$(stack_output "$stack" WebAclArn)" --output "$scratch/plan.json" >"$scratch/changes" || die "distribution $id stays as it is"
        [ -s "$scratch/changes" ] || continue
        update_distribution "$id" "$scratch/now.json" "$scratch/plan.json" || explain "updating distribution $id"
        read_distribution "$id" "$scratch/now.json"
    done
done
deadline=$((SECONDS + wait_minutes * 60))
# wait_or_later WHAT HOW: a moment, or the end if it has been waited long enough.
wait_or_later() {
    if [ "$SECONDS" -ge "$deadline" ]; then
        step=
        say "$1"
        say "$2"
        exit 3
    fi
    sleep "${DESTROY_POLL_SECONDS:-60}"
}

# Edge locations run the function, with its role and web ACL, until its distribution is Deployed without it. Which one it
# was, nothing says any more if an earlier run took it off: so each that is under way is waited for.
# https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_Distribution.html
under_way() {
    text "DistributionList.Items[?Status == 'InProgress' && Id != '$distribution'].Id" cloudfront list-distributions | tr '\t' '\n' |
        paste -sd ' '
}
if [ -n "$status" ]; then
    begin "wait until the edge has let go of the function"
    while ids=$(under_way) || explain "listing distributions"; [ -n "$ids" ]; do
        wait_or_later "distribution $ids is under way to the edge, which may run the function still: stack $stack has its role and web ACL, and stays" \
            "run scripts/destroy.sh --stack $stack again in some minutes, or with --wait 30"
    done
fi
for name in "$stack-watch" "$stack"; do
    [ -n "$(stack_status "$name")" ] || continue
    begin "delete stack $name (a distribution takes many minutes)"
    delete_stack "$name" || die "stack $name could not be deleted" "$(cat "$scratch/failures")" \
        "mend what it names and run the same command again"
done
if [ -n "$delete_content" ]; then
    begin "delete bucket $delete_content"
    delete_objects "$delete_content" ''
    try_aws s3api delete-bucket --bucket "$delete_content" "${owner[@]}" || {
        ! failed_with BucketNotEmpty || die "bucket $delete_content is not empty: it keeps old versions" \
            "empty it in the S3 console, then run the same command again"
        explain "deleting bucket $delete_content"
    }
fi

# Replicas go some hours after the last association; until then Lambda refuses.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-edge-delete-replicas.html
delete_functions() {
    local function left=0
    for function in $functions; do
        if try_aws lambda delete-function --function-name "$function" >/dev/null; then
            say "deleted function $function"
        elif failed_with 'replicated function'; then
            left=$((left + 1))
        else
            failed_with ResourceNotFound || explain "deleting function $function"
        fi
    done
    return "$left"
}
begin "delete the function"
until delete_functions; do
    wait_or_later "the function has replicas at the edge still, which AWS removes some hours after the last distribution let go of it" \
        "all else is deleted but secrets and packages; run scripts/destroy.sh --stack $stack again in some hours"
done

begin "delete secrets and packages"
try_aws ssm delete-parameter --name "/x402/$stack" >/dev/null || failed_with ParameterNotFound || explain "deleting the secrets"
[ -z "$packages" ] || delete_objects "$artifact_bucket" "$stack/"
step=
say "gone: stack $stack${content:+; content stays in s3://$content}"
