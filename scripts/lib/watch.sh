# shellcheck shell=bash disable=SC2034,SC2154 # it shares variables with those that source it
# Alarms and dashboard: a stack of their own, STACK-watch, unless --no-watch.

watch=yes

# plan_watch GIVEN REST: the watching template's own parameters are kept apart from the others.
plan_watch() {
    local own='^(AlarmEmail|AlarmRequestsPerHour|AccessLogs|AccessLogsKeepDays)='
    { grep -E "$own" "$1" || true; } >"$scratch/watch-given"
    { grep -vE "$own" "$1" || true; } >"$2"
}

# watch_parameters DISTRIBUTION-ID
watch_parameters() {
    cp "$scratch/watch-given" "$scratch/watch"
    parameters "$scratch/watch" DistributionId="$1" FunctionName="$(stack_output "$stack" FunctionName)" \
        WebAclName="$(stack_output "$stack" WebAclName)"
}

watch_is_current() {
    local status
    [ "$watch" = yes ] || return 0
    watch_parameters "$1"
    status=$(stack_status "$stack-watch")
    stack_exists "$status" && stack_is_current "$stack-watch" infra/watch.yaml "$scratch/watch"
}

deploy_watch() {
    [ "$watch" = yes ] || return 0
    begin "alarms and dashboard (stack $stack-watch)"
    watch_parameters "$1"
    stack_can_change "$stack-watch" "$(stack_status "$stack-watch")"
    deploy_stack "$stack-watch" infra/watch.yaml "$scratch/watch" || failed_deployment "$stack-watch" "$scratch/failures"
}
