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
