# shellcheck shell=bash disable=SC2034,SC2154 # it shares variables with those that source it
# One id, one stack; one payee, one store.

# credentials_for_ship: profiles and single sign-on are the command line's business.
credentials_for_ship() {
    local exported
    [ -z "${AWS_ACCESS_KEY_ID:-}" ] || [ -n "${AWS_PROFILE:-}" ] || return 0
    exported=$(aws configure export-credentials --format env 2>"$scratch/error") || explain "aws configure export-credentials"
    eval "$exported"
}

# check_site: ends if the site's id is another stack's, or a payee another store's. Leaves the stack's tags.
check_site() {
    run_aws cloudformation describe-stacks >"$scratch/stacks.json"
    claim_options=(--content-config "$config" --stack "$stack" --stacks "$scratch/stacks.json")
    [ "$accept_new_site_id" = no ] || claim_options+=(--accept-new-site-id)
    local endpoint=${AWS_ENDPOINT_URL_S3:-${AWS_ENDPOINT_URL:-}}
    [ -z "$endpoint" ] || claim_options+=(--endpoint-url "$endpoint")
    ( credentials_for_ship; ship claim-site "${claim_options[@]}" --tags "$scratch/site-tags" ) ||
        die "not deployed" "mend that and run the same command again"
}

# claim_site: says in the store that this stack holds the id. Before the stack is changed, if the store is there.
claim_site() {
    ( credentials_for_ship; ship claim-site "${claim_options[@]}" --write ) ||
        die "the site's id could not be claimed in the store" "mend that and run the same command again"
}

# store_is_there: whether the store needs no stack to be made.
store_is_there() {
    [ -z "$redemptions_bucket" ] || ! grep -qx CreateRedemptionsBucket=yes "$1" || stack_exists "$2"
}

# site_is_current: whether the stack says of itself what it should.
site_is_current() {
    local pair
    while IFS= read -r pair; do
        [ "$(stack_tag "$stack" "${pair%%=*}")" = "${pair#*=}" ] || return 1
    done <"$scratch/site-tags"
}

# One policy for each bucket, which CloudFormation neither adds to nor replaces.
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
bucket_policy() {
    text Policy s3api get-bucket-policy --bucket "$1" "${owner[@]}" || failed_with NoSuchBucketPolicy || explain "reading the policy of bucket $1"
}

# policy_statements BUCKET DISTRIBUTION: what lets CloudFront read, and nobody in the clear.
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
policy_statements() {
    cat <<END
       {"Effect": "Allow", "Principal": {"Service": "cloudfront.amazonaws.com"}, "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::$1/*",
        "Condition": {"StringEquals": {"AWS:SourceArn": "arn:aws:cloudfront::$account:distribution/$2"}}},
       {"Sid": "OnlyTls", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": ["arn:aws:s3:::$1", "arn:aws:s3:::$1/*"], "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
END
}

# plan_bucket_policy BUCKET CREATE: sets policy_by to who keeps the policy of the content bucket, `stack` or `owner`.
plan_bucket_policy() {
    local policy made=no
    policy_by=$(wanted_parameter "$status" ContentPolicyBy)
    if stack_exists "$status" && [ "$(stack_parameter "$stack" ContentBucketName)" = "$1" ] &&
        [ "$(stack_parameter "$stack" ContentPolicyBy)" != owner ]; then
        made=yes
    fi
    [ "$own_bucket_policy" = no ] || policy_by=owner
    if [ "$made" = yes ] && [ "$policy_by" = owner ]; then
        die "the policy of bucket $1 is the stack's, which would take it away" "leave --own-bucket-policy out"
    fi
    [ "$2" = no ] || policy_by=stack
    policy_by=${policy_by:-stack}
    [ "$2" = no ] && [ "$made" = no ] && [ "$policy_by" = stack ] || return 0
    policy=$(bucket_policy "$1")
    [ -n "$policy" ] || return 0
    die "bucket $1 has a policy, and CloudFormation cannot add to it:" "$policy" \
        "with --own-bucket-policy it stays yours, and you add these two statements (the distribution is named once it is there):" \
        "$(policy_statements "$1" DISTRIBUTION_ID | sed 's/^       //')" \
        "or name another bucket with --bucket, or take the policy away"
}

# tell_bucket_policy BUCKET DISTRIBUTION BY: what its owner has to add still.
tell_bucket_policy() {
    local policy
    [ "$3" = owner ] || return 0
    policy=$(bucket_policy "$1")
    [[ $policy != *"arn:aws:cloudfront::$account:distribution/$2\""* ]] || return 0
    say "next: add these statements to the policy of bucket $1; until then CloudFront may not read it, and content is answered 403"
    policy_statements "$1" "$2"
}
