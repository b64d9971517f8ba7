# shellcheck shell=bash disable=SC2034,SC2154 # it shares variables with those that source it
# Whether anything but the function leads to priced objects: asks AWS what `ship gates` must know.

# fetch_facts CONFIG: into the folder $scratch/facts.
fetch_facts() {
    local kind name file
    mkdir -p "$scratch/facts"
    ship gates "$1" --list-facts >"$scratch/facts-needed" || die "the distribution's configuration cannot be read"
    while read -r kind name; do
        file=$scratch/facts/$kind-$name.json
        case $kind in
            cache-policy) fetch_fact "$file" cloudfront get-cache-policy --id "$name" ;;
            origin-request-policy) fetch_fact "$file" cloudfront get-origin-request-policy --id "$name" ;;
            distributions) fetch_fact "$file" cloudfront list-distributions ;;
            policy-status) fetch_fact "$file" s3api get-bucket-policy-status --bucket "$name" "${owner[@]}" ||
                ! failed_with NoSuchBucketPolicy || echo '{"PolicyStatus":{"IsPublic":false}}' >"$file" ;;
            public-access-block) fetch_fact "$file" s3api get-public-access-block --bucket "$name" "${owner[@]}" ||
                ! failed_with NoSuchPublicAccessBlockConfiguration ||
                echo '{"PublicAccessBlockConfiguration":{"IgnorePublicAcls":false,"RestrictPublicBuckets":false}}' >"$file" ;;
        esac || true # What AWS does not say, the check refuses by name.
    done <"$scratch/facts-needed"
}

fetch_fact() {
    try_aws "${@:2}" >"$1.new" || { rm -f "$1.new"; return 1; }
    # No distribution at all: the command line prints nothing.
    [ -s "$1.new" ] || echo '{"DistributionList":{"Items":[]}}' >"$1.new"
    mv "$1.new" "$1"
}

# check_gates CONFIG DISTRIBUTION-ID FUNCTION-VERSION-ARN: prints the findings; fails if one is a refusal.
check_gates() {
    fetch_facts "$1"
    ship gates "$1" --content-config "$config" --id "$2" --function "$3" --facts "$scratch/facts"
}
