# shellcheck shell=bash disable=SC2034,SC2154 # it shares variables with those that source it
# A distribution that no stack of ours owns: its configuration is changed in place, under its ETag.

# Where configurations are kept before they are changed; git ignores it.
rollback_folder=${DIST:-dist}/rollback

# read_distribution ID FILE
read_distribution() {
    try_aws cloudfront get-distribution-config --id "$1" >"$2" && return
    ! failed_with NoSuchDistribution || die "account $account has no distribution $1" \
        "aws cloudfront list-distributions --query 'DistributionList.Items[].[Id,DomainName]' lists them"
    explain "reading distribution $1"
}

# update_distribution ID ANSWER CONFIG: writes CONFIG over what ANSWER shows. Keeps ANSWER, and sets
# `kept` to where. Fails if CloudFront refuses the function; why is in $scratch/error.
update_distribution() {
    local etag
    etag=$(sed -n 's/^ *"ETag": "\(.*\)",*$/\1/p' "$2" | head -n 1)
    [ -n "$etag" ] || die "AWS's answer for distribution $1 has no ETag"
    mkdir -p "$rollback_folder"
    kept=$rollback_folder/$1-$etag.json
    cp "$2" "$kept"
    try_aws cloudfront update-distribution --id "$1" --if-match "$etag" --distribution-config "file://$3" >/dev/null && return
    if failed_with 'PreconditionFailed|InvalidIfMatchVersion'; then
        die "somebody changed distribution $1 meanwhile" "nothing was changed here: run the same command again"
    fi
    failed_with InvalidLambdaFunctionAssociation || explain "updating distribution $1"
    return 1
}
