# shellcheck shell=bash disable=SC2034,SC2154 # it shares variables with those that source it
# How many sales fit in at once: Lambda's limit in each Region where buyers are.

# Those that were named, now or when the stack was deployed; us-east-1 is always one of them.
buyers_in=()

# add_buyers_in REGION
add_buyers_in() {
    [[ $1 =~ ^[a-z]{2}(-[a-z]+)+-[0-9]$ ]] || usage_error "--buyers-in $1: write a Region, as eu-west-1"
    buyers_in+=("$1")
}

# plan_regions: sets buyers_in to all of them, and has the stack's tags say so.
plan_regions() {
    local live
    [ ${#buyers_in[@]} != 0 ] || read -r -a buyers_in <<<"$(stack_tag "$stack" x402-regions)"
    live=$(printf '%s\n' "$region" ${buyers_in[@]+"${buyers_in[@]}"} | sort -u | paste -sd ' ')
    read -r -a buyers_in <<<"$live"
    [ "$live" = "$region" ] || [ ! -f "$scratch/site-tags" ] || parameters "$scratch/site-tags" x402-regions="$live"
}

# describe_limits LINE-BEGIN: one line for each Region. A sandbox does one request at a time, so a sale holds one while it
# settles; what all functions of the account have in that Region is what CloudFront finds. New accounts begin low.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-503-service-unavailable.html
describe_limits() {
    local place limit
    for place in "${buyers_in[@]}"; do
        # What functions with a reservation leave over.
        if ! limit=$(aws --region "$place" --output text --query AccountLimit.UnreservedConcurrentExecutions \
            lambda get-account-settings 2>"$scratch/error"); then
            say "$1$place: how many fit in at once is not known: $(tr -s '\n' ' ' <"$scratch/error")"
        elif [ "$limit" -ge 1000 ]; then
            say "$1$place: $limit at once"
        else
            say "$1$place: $limit at once, this account's limit: so about $((limit / 2)) a second that settle in 2 s, or $((limit / 7)) in 7 s."
            say "$1$place: who comes beyond that, paying or not, gets CloudFront's 503: have AWS raise it, https://console.aws.amazon.com/servicequotas/home/services/lambda/quotas/L-B99A9384?region=$place"
        fi
    done
}
