# shellcheck shell=bash disable=SC2034,SC2154 # it shares variables with those that source it
# The packaged function, and the bucket from which CloudFormation takes it.

# Where packages are made, and what is kept of distributions.
dist=${DIST:-dist}

# plan_artifact: packages unless --zip named one. Sets zip, sha256, code_sha256, code_key and artifact_notes.
plan_artifact() {
    if [ -z "$zip" ]; then
        say "packaging the function (a release build takes minutes the first time)"
        # The absolute path: the script works in another folder.
        SECRETS_FILE=$scratch/secrets.json CONTENT_CONFIG=$(realpath "$config") \
            "${PACKAGE:-scripts/package.sh}" >"$scratch/package" 2>&1 ||
            die "packaging failed" "$(tail -n 20 "$scratch/package")"
        zip=$dist/edge-fn.zip
    fi
    ship artifact "$zip" --content-config "$config" >"$scratch/artifact" || die "$zip cannot be deployed"
    sha256=$(sed -n 's/^sha256=//p' "$scratch/artifact")
    code_sha256=$(sed -n 's/^codeSha256=//p' "$scratch/artifact")
    artifact_notes="$(sed -n 's/^bytes=//p' "$scratch/artifact") bytes, $(sed -n 's/^shim=//p' "$scratch/artifact") shim, $(sed -n 's/^quota=//p' "$scratch/artifact")"
    artifact_bucket=${artifact_bucket:-x402-artifacts-$account}
    code_key=$stack/$sha256.zip
    check_bucket_name "$artifact_bucket" --artifact-bucket
    local state
    state=$(bucket_state "$artifact_bucket")
    case $state in
        free) artifact_bucket_new=yes ;;
        ours) artifact_bucket_new=no ;;
        elsewhere) die "bucket $artifact_bucket is not in $region, and Lambda takes code from its own Region only" \
            "name another one with --artifact-bucket" ;;
        taken) die "bucket $artifact_bucket belongs to somebody else, or these credentials may not see it" \
            "name another one with --artifact-bucket" ;;
    esac
}

describe_artifact() {
    local made=
    [ "$artifact_bucket_new" = no ] || made=' (made now)'
    say "  function    sha256 $sha256, $artifact_notes"
    say "  packages    s3://$artifact_bucket/$code_key$made"
}

# fetch_record STACK FILE: the record of the deployment that is live in a stack.
fetch_record() {
    local bucket key
    bucket=$(stack_parameter "$1" CodeBucketName)
    key=$(stack_parameter "$1" CodeObjectKey)
    try_aws s3api get-object --bucket "$bucket" --key "${key%.zip}.json" "${owner[@]}" "$2" >/dev/null
}

# upload_artifact RECORD: the zip, and beside it the record of this deployment and its stack's tags, for roll-back.sh.
upload_artifact() {
    if [ "$artifact_bucket_new" = yes ]; then
        run_aws s3api create-bucket --bucket "$artifact_bucket" >/dev/null
        run_aws s3api put-public-access-block --bucket "$artifact_bucket" "${owner[@]}" --public-access-block-configuration \
            BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true >/dev/null
    fi
    run_aws s3api put-object --bucket "$artifact_bucket" --key "${code_key%.zip}.json" --body "$1" "${owner[@]}" \
        --content-type application/json >/dev/null
    { echo "x402-secrets=${secrets_tag:-none}"; cat "$scratch/site-tags"; } >"$scratch/package-tags"
    run_aws s3api put-object --bucket "$artifact_bucket" --key "${code_key%.zip}.tags" --body "$scratch/package-tags" "${owner[@]}" \
        --content-type text/plain >/dev/null
    # Keys are hashes: what lies there already is this very zip.
    { [ "$artifact_bucket_new" = no ] && try_aws s3api head-object --bucket "$artifact_bucket" --key "$code_key" "${owner[@]}" >/dev/null; } ||
        run_aws s3api put-object --bucket "$artifact_bucket" --key "$code_key" --body "$zip" "${owner[@]}" >/dev/null
}
