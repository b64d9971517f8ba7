# shellcheck shell=bash disable=SC2034,SC2154 # it shares variables with those that source it
# CloudFormation stacks: their state, their values, changing them.

# What AWS says of a stack is asked once, and again after a change.
read_stack() {
    local file=$scratch/stack-$1
    [ ! -f "$file" ] || return 0
    text "Stacks[0].[[['status', '', StackStatus]], Parameters[].['parameter', ParameterKey, ParameterValue],
        Outputs[].['output', OutputKey, OutputValue], Tags[].['tag', Key, Value]][]" \
        cloudformation describe-stacks --stack-name "$1" >"$file.new" ||
        failed_with 'does not exist' || explain "asking for stack $1"
    mv "$file.new" "$file"
}
forget_stack() { rm -f "$scratch/stack-$1"; }

stack_value() {
    read_stack "$1"
    awk -F '\t' -v kind="$2" -v key="$3" '$1 == kind && $2 == key { print $3 == "None" ? "" : $3; exit }' "$scratch/stack-$1"
}

# stack_status NAME, stack_output NAME KEY, stack_parameter NAME KEY, stack_tag NAME KEY: empty if there is none.
stack_status() { stack_value "$1" status ''; }
stack_output() { stack_value "$1" output "$2"; }
stack_parameter() { stack_value "$1" parameter "$2"; }
stack_tag() { stack_value "$1" tag "$2"; }

# name_stack NAME: the stack that is meant. Names go into queries, where a quote would find the functions of others.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
name_stack() {
    [[ $1 =~ ^[a-zA-Z][a-zA-Z0-9-]{0,127}$ ]] || usage_error "--stack $1: a stack's name is letters, digits and hyphens, a letter first"
    stack=$1
}

# functions_of STACK: its functions, one a line; they outlive it. By what their description says: their names may be cut.
# ListFunctions gives descriptions: https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html
functions_of() {
    local said="x402 paywall of stack $1" found
    found=$(text "Functions[?Description == '$said' || starts_with(Description, '$said; ')].FunctionName" lambda list-functions) ||
        explain "listing functions"
    { stack_output "$1" FunctionName; echo; tr '\t' '\n' <<<"$found"; } | sed '/^$/d' | sort -u
}

# stack_tags NAME: all of them, as KEY=VALUE lines.
stack_tags() {
    read_stack "$1"
    awk -F '\t' '$1 == "tag" { print $2 "=" $3 }' "$scratch/stack-$1"
}

# stack_exists STATUS: whether a stack in this state has resources.
stack_exists() {
    case $1 in '' | REVIEW_IN_PROGRESS | ROLLBACK_COMPLETE | DELETE_COMPLETE) return 1 ;; esac
}

# stack_can_change NAME STATUS: ends unless the stack takes a change now.
stack_can_change() {
    local again="then run the same command again"
    case $2 in
        '' | CREATE_COMPLETE | UPDATE_COMPLETE | UPDATE_ROLLBACK_COMPLETE | REVIEW_IN_PROGRESS | ROLLBACK_COMPLETE | IMPORT_COMPLETE) ;;
        DELETE_IN_PROGRESS) die "stack $1 is being deleted" \
            "wait for it: aws cloudformation wait stack-delete-complete --region $region --stack-name $1; $again" ;;
        *_IN_PROGRESS) die "stack $1 is in the middle of something ($2): an earlier run, or somebody else" \
            "wait until scripts/status.sh --stack $1 says that it is complete; $again" ;;
        UPDATE_ROLLBACK_FAILED) die "stack $1 could neither be updated nor put back ($2)" "$(stack_failures "$1")" \
            "mend what it names, then: aws cloudformation continue-update-rollback --region $region --stack-name $1; $again" ;;
        ROLLBACK_FAILED | CREATE_FAILED | DELETE_FAILED | UPDATE_FAILED) die "stack $1 is stuck ($2)" "$(stack_failures "$1")" \
            "run scripts/destroy.sh --stack $1, which keeps the content; $again" ;;
        *) die "stack $1 is in a state that this script does not know: $2" "look at it in the CloudFormation console" ;;
    esac
}

# stack_failures NAME: the reasons of the newest failures, without those that only say "cancelled".
stack_failures() {
    text "StackEvents[?contains(ResourceStatus, 'FAILED') && ResourceStatusReason != null].[LogicalResourceId, ResourceStatusReason] | [:12]" \
        cloudformation describe-stack-events --stack-name "$1" | grep -v 'cancelled' | tr '\t' ' ' || true
}

# parameters FILE KEY=VALUE...: writes or replaces them in the file.
parameters() {
    local file=$1 pair
    for pair in "${@:2}"; do
        [ ! -f "$file" ] || { grep -v "^${pair%%=*}=" "$file" >"$file.new" || true; mv "$file.new" "$file"; }
        printf '%s\n' "$pair" >>"$file"
    done
}

template_sha256() { openssl dgst -sha256 -r "$1" | cut -c1-64; }

# stack_is_current NAME TEMPLATE PARAMETERS-FILE: whether a deployment would change nothing.
stack_is_current() {
    local pair
    [ "$(stack_tag "$1" x402-template)" = "$(template_sha256 "$2")" ] || return 1
    [ "$(stack_tag "$1" x402-secrets)" = "${secrets_tag:-none}" ] || return 1
    while IFS= read -r pair; do
        [ "$(stack_parameter "$1" "${pair%%=*}")" = "${pair#*=}" ] || return 1
    done <"$3"
}

# plan_attempt NAME STATUS TEMPLATE PARAMETERS-FILE: another `Attempt` if a new version of the function is needed, so that
# Lambda publishes one even after an update that was rolled back. infra/README.md, "Roll-out and roll-back".
plan_attempt() {
    local pair same=no
    stack_exists "$2" || return 0
    [ "$(stack_tag "$1" x402-template)" != "$(template_sha256 "$3")" ] || same=yes
    while IFS= read -r pair; do
        [ "$(stack_parameter "$1" "${pair%%=*}")" = "${pair#*=}" ] || same=no
    done < <(grep -E '^(CodeSha256|Function(Runtime|Timeout|Memory)|SystemLogLevel)=' "$4")
    [ "$same" = yes ] || parameters "$4" Attempt="$(date -u +%Y%m%dT%H%M%SZ)"
}

# deploy_stack NAME TEMPLATE PARAMETERS-FILE: creates or updates it and waits. On failure the events'
# reasons are in $scratch/failures. Tags that are not named to `deploy` are removed, so the owner's own are named too.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStack.html
deploy_stack() {
    local pairs=() tags=()
    mapfile -t pairs <"$3"
    mapfile -t tags < <(stack_tags "$1" | sed '/^x402-/d'; cat "$scratch/site-tags")
    if [ "$(stack_status "$1")" = ROLLBACK_COMPLETE ]; then
        say "removing what a failed creation left of stack $1: an empty shell"
        delete_stack "$1" || failed_deployment "$1" "$scratch/failures"
    fi
    forget_stack "$1"
    if try_aws cloudformation deploy --stack-name "$1" --template-file "$2" --capabilities CAPABILITY_IAM \
        --no-fail-on-empty-changeset --parameter-overrides "${pairs[@]}" \
        --tags x402-stack="$stack" x402-template="$(template_sha256 "$2")" x402-secrets="${secrets_tag:-none}" \
        "${tags[@]}" >"$scratch/deploy"; then
        return 0
    fi
    # Without a change set nothing was tried: what AWS said is all there is.
    if failed_with 'Failed to create/update the stack|Waiter StackCreateComplete|Waiter StackUpdateComplete'; then
        stack_failures "$1" >"$scratch/failures"
        return 1
    fi
    explain "deploying stack $1"
}

delete_stack() {
    forget_stack "$1"
    run_aws cloudformation delete-stack --stack-name "$1" >/dev/null
    try_aws cloudformation wait stack-delete-complete --stack-name "$1" >/dev/null && return
    stack_failures "$1" >"$scratch/failures"
    return 1
}

# The association is refused because of the function's timeout: accounts with the older quota have 5 s.
# https://github.com/awslabs/aws-cloudfront-extensions/issues/112
timeout_refused() { grep -q 'function timeout is larger than the maximum allowed' "$1"; }

# failed_deployment NAME FILE: ends with the reasons and how to go on.
failed_deployment() {
    local status
    status=$(stack_status "$1")
    if grep -q 'function code size is larger than the maximum allowed' "$2"; then
        die "CloudFront refuses the function's size: this account has the older quota of 1,048,576 bytes" "$(cat "$2")" \
            "sell fewer objects in one function, or ask AWS Support for the newer Lambda@Edge quotas"
    elif grep -qiE 'policy already exists' "$2"; then
        die "stack $1 could not be made: a bucket has a policy, and CloudFormation cannot add to it" "$(cat "$2")" \
            "the content bucket's stays yours with --own-bucket-policy; another bucket must have none"
    elif grep -qiE 'already exists' "$2"; then
        die "stack $1 could not be made: something that it makes exists already" "$(cat "$2")" \
            "if it is a bucket of yours, add --parameter CreateContentBucket=no (or CreateRedemptionsBucket, CreateFreeBucket)"
    fi
    case $status in
        ROLLBACK_COMPLETE) die "stack $1 could not be created; everything was taken back ($status)" "$(cat "$2")" \
            "mend that and run the same command again: the empty shell is removed first" ;;
        UPDATE_ROLLBACK_COMPLETE) die "stack $1 could not be updated; it is as it was before ($status)" "$(cat "$2")" \
            "mend that and run the same command again; the live site is untouched" ;;
    esac
    stack_can_change "$1" "$status"
    die "stack $1 could not be deployed ($status)" "$(cat "$2")"
}
