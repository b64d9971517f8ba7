# shellcheck shell=bash disable=SC2034,SC2154 # it shares variables with those that source it
# AWS's command line, version 1 or 2, and what its errors mean.

# Lambda@Edge functions, and a distribution's certificate and web ACL, live in this Region only.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-restrictions.html
readonly region=us-east-1

export AWS_PAGER="" AWS_RETRY_MODE="${AWS_RETRY_MODE:-standard}" AWS_MAX_ATTEMPTS="${AWS_MAX_ATTEMPTS:-6}"

# try_aws ARGUMENTS...: AWS's answer as JSON; what went wrong is in $scratch/error.
try_aws() { aws --region "$region" --output json "$@" 2>"$scratch/error"; }

# run_aws ARGUMENTS...: the same, and the end if it fails.
run_aws() { try_aws "$@" || explain "aws $1 $2"; }

# text QUERY ARGUMENTS...: one value, as text; empty if there is none.
text() {
    local value
    value=$(aws --region "$region" --output text --query "$1" "${@:2}" 2>"$scratch/error") || return 1
    [ "$value" = None ] || printf '%s' "$value"
}

# failed_with PATTERN: whether the last failure's message matches.
failed_with() { grep -qE -- "$1" "$scratch/error"; }

# explain WHAT: ends with the last failure in words.
explain() {
    local said
    said=$(tr -s '\n' ' ' <"$scratch/error")
    if failed_with 'Unable to locate credentials|NoCredentials'; then
        die "no AWS credentials" "run 'aws configure' or 'aws sso login', or set AWS_PROFILE"
    elif failed_with 'config profile .* could not be found'; then
        die "AWS_PROFILE names a profile that does not exist: ${AWS_PROFILE:-}" "'aws configure list-profiles' lists them"
    elif failed_with 'ExpiredToken|[Tt]oken.* expired|SSO session'; then
        die "the AWS credentials have expired" "sign in again ('aws sso login'), then run the same command"
    elif failed_with 'InvalidClientTokenId|SignatureDoesNotMatch|UnrecognizedClient|AuthFailure|InvalidAccessKeyId'; then
        die "AWS does not know these credentials" "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
    elif failed_with 'AccessDenied|not authorized'; then
        die "$1: these credentials may not do that" "$said"
    elif failed_with 'Throttl|Rate exceeded|TooManyRequests|SlowDown'; then
        die "$1: AWS asks for patience (throttled ${AWS_MAX_ATTEMPTS} times)" "nothing is half done: wait a minute and run the same command"
    elif failed_with 'Could not connect|Connection was closed|Name or service not known|EndpointConnection|timed out'; then
        die "$1: AWS cannot be reached" "$said"
    fi
    die "$1 failed" "$said"
}

# Sets `account`, and `owner`: what makes S3 refuse a bucket of somebody else's, each time. A name that was given up may be
# taken by another account at any moment. https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
# The first call: it finds wrong credentials.
sign_in() {
    need aws
    local who caller
    who=$(text '[Account, Arn]' sts get-caller-identity) || explain "asking AWS who this is"
    read -r account caller <<<"$who"
    owner=(--expected-bucket-owner "$account")
    say "account $account as $caller, Region $region"
    if [ "${AWS_REGION:-$region}" != "$region" ] || [ "${AWS_DEFAULT_REGION:-$region}" != "$region" ]; then
        say "(AWS_REGION is ${AWS_REGION:-$AWS_DEFAULT_REGION}: Lambda@Edge lives in $region, so that is where this goes)"
    fi
}

# bucket_state NAME: `free`, `ours`, `elsewhere` (another Region) or `taken` (another account).
bucket_state() {
    [ -f "$scratch/bucket-$1" ] || ask_bucket_state "$1" >"$scratch/bucket-$1"
    cat "$scratch/bucket-$1"
}

ask_bucket_state() {
    if try_aws s3api head-bucket --bucket "$1" "${owner[@]}" >/dev/null; then
        local place
        place=$(text LocationConstraint s3api get-bucket-location --bucket "$1" "${owner[@]}") || explain "finding bucket $1"
        # us-east-1 is the Region without a name.
        if [ -z "$place" ] || [ "$place" = "$region" ]; then echo ours; else echo elsewhere; fi
    elif failed_with '404|Not Found'; then
        echo free
    elif failed_with '301|Moved'; then
        echo elsewhere
    elif failed_with '403|Forbidden'; then
        echo taken
    else
        explain "looking for bucket $1"
    fi
}

# delete_objects BUCKET PREFIX: all that is there. `aws s3 rm` would take any bucket of that name.
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
delete_objects() {
    local failed
    while :; do
        run_aws s3api list-objects-v2 --bucket "$1" --prefix "$2" --max-keys "${DELETE_AT_ONCE:-1000}" --no-paginate "${owner[@]}" \
            --query '{Quiet: `true`, Objects: Contents[].{Key: Key}}' >"$scratch/objects"
        grep -q '"Key"' "$scratch/objects" || return 0
        # An object that stays is told inside a 200.
        failed=$(text 'Errors[0].[Code, Key]' s3api delete-objects --bucket "$1" --delete "file://$scratch/objects" "${owner[@]}") ||
            explain "deleting what is in s3://$1/$2"
        [ -z "$failed" ] || die "s3://$1/${failed#*$'\t'} could not be deleted: ${failed%%$'\t'*}" \
            "mend that and run the same command again"
    done
}

# check_bucket_name NAME OPTION: S3's rules, without dots, which TLS certificates do not cover.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
check_bucket_name() {
    local reserved='^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|--x-s3|--table-s3)$'
    if ! [[ $1 =~ ^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$ ]] || [[ $1 =~ $reserved ]]; then
        die "$2 $1: not a bucket's name" \
            "3 to 63 lower-case letters, digits and hyphens; no dots, which TLS certificates do not cover"
    fi
}
