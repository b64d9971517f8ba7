# shellcheck shell=bash disable=SC2034,SC2154 # it shares variables with those that source it
# Alarms and dashboard: a stack of their own, STACK-watch, unless --no-watch.

watch=yes

# plan_watch GIVEN REST: the watching template's own parameters are kept apart from the others.
plan_watch() {
    local own='^(AlarmEmail|AlarmRequestsPerHour|AccessLogs|AccessLogsKeepDays|CreateAdditionalMetrics)='
    { grep -E "$own" "$1" || true; } >"$scratch/watch-given"
    { grep -vE "$own" "$1" || true; } >"$2"
}

# watch_parameters DISTRIBUTION-ID
watch_parameters() {
    local create
    cp "$scratch/watch-given" "$scratch/watch"
    parameters "$scratch/watch" DistributionId="$1" FunctionName="$(stack_output "$stack" FunctionName)" \
        WebAclName="$(stack_output "$stack" WebAclName)"
    ! grep -q '^CreateAdditionalMetrics=' "$scratch/watch" || return 0
    # Not left to `set -e`, which does not hold where this is a condition.
    create=$(whether_to_create_metrics "$1") || exit 1
    parameters "$scratch/watch" CreateAdditionalMetrics="$create"
}

# whether_to_create_metrics DISTRIBUTION-ID: `no` if the distribution has its additional metrics from elsewhere. With `no`, a
# stack that made them would take them away.
# https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateMonitoringSubscription.html
whether_to_create_metrics() {
    local status made state
    status=$(stack_status "$stack-watch")
    if stack_exists "$status" && [ "$(stack_parameter "$stack-watch" DistributionId)" = "$1" ]; then
        # Stacks from before there was this parameter made them.
        made=$(stack_parameter "$stack-watch" CreateAdditionalMetrics)
        [ "${made:-yes}" = no ] || { echo yes; return; }
    fi
    if state=$(text MonitoringSubscription.RealtimeMetricsSubscriptionConfig.RealtimeMetricsSubscriptionStatus \
        cloudfront get-monitoring-subscription --distribution-id "$1"); then
        [ "$state" = Enabled ] || die "distribution $1 has its additional metrics turned off, and alarms need them" \
            "aws cloudfront delete-monitoring-subscription --distribution-id $1 lets this script turn them on; or use --no-watch"
        echo no
    else
        failed_with NoSuchMonitoringSubscription || explain "asking for the additional metrics of distribution $1"
        echo yes
    fi
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
