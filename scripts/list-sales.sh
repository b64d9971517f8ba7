#!/usr/bin/env bash
# Lists the payments that the seller may have to refund: `ship sales`, with credentials.
set -euo pipefail
started_in=$PWD
cd "$(dirname "$0")/.."
. scripts/lib/say.sh
. scripts/lib/aws.sh

usage() {
    cat <<'END'
usage: scripts/list-sales.sh --config content.toml [OPTION...]
       scripts/list-sales.sh --log FILE [--config content.toml] [OPTION...]

Lists payments that stayed unresolved, that are unproven, and those that were charged without a grant, from the
records that the function keeps in the bucket of [redemptions]. Changes nothing. Ends with 0 if the list is complete,
however long; with 3 if there are records that cannot be read, which are named; with 1 if there is no list.

  --config FILE         the content.toml that is deployed (or CONTENT_CONFIG)
  --bucket NAME         the bucket with the records, if it is not the one that [redemptions] names
  --prefix PATH         where in it they are; `prefix` of [redemptions]
  --region REGION       the bucket's Region; `region` of [redemptions]
  --rpc URL             a node's JSON-RPC URL: payments on its network are looked up there; may be repeated
  --confirmations N     how deep a block must be to count; what [rpc] says, or 900
  --all                 every payment: those in progress, granted, refused and packed, too
  --format FORMAT       table, csv or json; table
  --log FILE            the function's log, in the order of time, where payments are remembered in memory
                        only; - is standard input
  --endpoint-url URL    an S3 API that is not Amazon's

Credentials: AWS_ACCESS_KEY_ID and its companions, else what the AWS command line has (AWS_PROFILE, aws
configure, aws sso login). They need s3:ListBucket and s3:GetObject on the bucket, and the use of its KMS key
if it has one.
END
}

# from_start PATH: a path as the caller meant it.
from_start() { case $1 in /* | -) printf '%s' "$1" ;; *) printf '%s' "$started_in/$1" ;; esac; }

config=${CONTENT_CONFIG:-} bucket='' log='' given=()
while [ $# -gt 0 ]; do
    case $1 in
        --help | -h) usage; exit ;;
        --all) given+=("$1"); shift; continue ;;
        --config | --bucket | --prefix | --region | --rpc | --confirmations | --format | --log | --endpoint-url) ;;
        *) usage_error "there is no option $1" ;;
    esac
    [ $# -ge 2 ] || usage_error "$1 needs a value"
    case $1 in
        --config) config=$2 ;;
        --bucket) bucket=$2 ;;
        --log) log=$(from_start "$2") ;;
        *) given+=("$1" "$2") ;;
    esac
    shift 2
done
[ -n "$config$bucket$log" ] || usage_error "name the content.toml with --config or CONTENT_CONFIG"
if [ -n "$config" ]; then
    config=$(from_start "$config")
    [ -f "$config" ] || die "there is no $config" "--config names the content.toml"
    given+=(--config "$config")
fi
[ -z "$bucket" ] || given+=(--bucket "$bucket")
[ -z "$log" ] || given+=(--log "$log")
need_ship

# Profiles and single sign-on are the command line's business.
if [ -z "$log" ] && { [ -z "${AWS_ACCESS_KEY_ID:-}" ] || [ -n "${AWS_PROFILE:-}" ]; }; then
    need aws
    exported=$(aws configure export-credentials --format env 2>"$scratch/error") || explain "aws configure export-credentials"
    eval "$exported"
fi

ship sales ${given[@]+"${given[@]}"}
