#!/usr/bin/env bash
# Publishes the content that a content.toml sells: `ship upload`, with credentials and the stack's names.
set -euo pipefail
started_in=$PWD
cd "$(dirname "$0")/.."
. scripts/lib/say.sh
. scripts/lib/aws.sh
. scripts/lib/stack.sh
. scripts/lib/artifact.sh

usage() {
    cat <<'END'
usage: scripts/upload-content.sh --config content.toml (--stack NAME | --bucket NAME) [OPTION...]

Compares the content folder, the bucket and the price table, shows what is to be done with prices, asks,
uploads what is new or changed, and says whether the function must be deployed. Stopped half way, it goes
on where it was when it is run again. An object that no rule covers stops it before anything is uploaded.

  --config FILE         the content.toml (or CONTENT_CONFIG)
  --stack NAME          takes bucket, distribution and the table that is live from this stack
  --bucket NAME         the bucket, if it is not the stack's
  --prefix PATH         where in the bucket: the distribution's origin path
  --region REGION       the bucket's Region (or AWS_REGION); us-east-1
  --distribution ID     have CloudFront drop its copies of what changed
  --delete              delete what is not on sale, once the new table is live
  --dry-run             show the plan, and stop
  --yes                 do not ask
  --parallel N          requests at once; 16
  --manifest FILE       where to write the manifest of what is published
  --deployed FILE       the record of the deployment that is live, if there is no stack
  --not-deployed        no function is live yet
  --endpoint-url URL    an S3 API that is not Amazon's

Credentials: AWS_ACCESS_KEY_ID and its companions, else what the AWS command line has (AWS_PROFILE, aws
configure, aws sso login). They need s3:ListBucket, s3:GetObject, s3:PutObject on the bucket, and with
--delete s3:DeleteObject; with KMS encryption also the use of its key.
END
}

# from_start PATH: a path as the caller meant it.
from_start() { case $1 in /*) printf '%s' "$1" ;; *) printf '%s' "$started_in/$1" ;; esac; }

config=${CONTENT_CONFIG:-} stack='' bucket='' distribution='' given=()
while [ $# -gt 0 ]; do
    case $1 in
        --help | -h) usage; exit ;;
        --yes | --dry-run | --delete | --not-deployed) given+=("$1"); shift; continue ;;
        --config | --stack | --bucket | --prefix | --region | --distribution | --parallel | --manifest | --deployed | --endpoint-url) ;;
        *) usage_error "there is no option $1" ;;
    esac
    [ $# -ge 2 ] || usage_error "$1 needs a value"
    case $1 in
        --config) config=$2 ;;
        --stack) name_stack "$2" ;;
        --bucket) bucket=$2 ;;
        --distribution) distribution=$2 ;;
        # Their paths are those of where this was started.
        --manifest | --deployed) given+=("$1" "$(from_start "$2")") ;;
        *) given+=("$1" "$2") ;;
    esac
    shift 2
done
[ -n "$config" ] || usage_error "name the content.toml with --config or CONTENT_CONFIG"
config=$(from_start "$config")
[ -f "$config" ] || die "there is no $config" "--config names the content.toml"
[ -n "$stack$bucket" ] || usage_error "name the bucket with --bucket, or the stack that has it with --stack"
need_ship

if [ -n "$stack" ]; then
    sign_in
    status=$(stack_status "$stack")
    if ! stack_exists "$status"; then
        [ -n "$bucket" ] || die "there is no stack $stack, so no bucket yet" \
            "scripts/deploy.sh makes both; or name a bucket of your own with --bucket"
        given+=(--not-deployed)
    else
        bucket=${bucket:-$(stack_output "$stack" ContentBucketName)}
        [ -n "$bucket" ] || die "stack $stack has no content bucket of its own" "name the bucket with --bucket"
        distribution=${distribution:-$(stack_output "$stack" DistributionId)}
        # The record tells what is live only when nothing is on its way to the edge.
        state=
        [ -z "$distribution" ] || state=$(text Distribution.Status cloudfront get-distribution --id "$distribution") ||
            explain "asking for distribution $distribution"
        if [[ $status == *_COMPLETE && $state == Deployed ]] && fetch_record "$stack" "$scratch/record.json"; then
            given+=(--deployed "$scratch/record.json")
        else
            say "the table that is live is not known: stack $status, distribution ${state:-unknown}"
        fi
    fi
fi

# Profiles and single sign-on are the command line's business.
if [ -z "${AWS_ACCESS_KEY_ID:-}" ] || [ -n "${AWS_PROFILE:-}" ]; then
    need aws
    exported=$(aws configure export-credentials --format env 2>"$scratch/error") || explain "aws configure export-credentials"
    eval "$exported"
fi

[ -z "$distribution" ] || given+=(--distribution "$distribution")
# Not `exec`: the record of the deployment is removed at the end.
ship upload --config "$config" --bucket "$bucket" ${given[@]+"${given[@]}"}
