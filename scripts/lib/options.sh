# shellcheck shell=bash disable=SC2034,SC2154 # it shares variables with those that source it
# Options that deploy.sh and attach.sh share.

config=${CONTENT_CONFIG:-} stack='' zip='' yes=no artifact_bucket=''
secrets_file='' merge_secrets='' rotate_secrets=no accept_new_site_id=no
accept=() given=()

shared_options="  --config FILE               the content.toml (or CONTENT_CONFIG)
  --stack NAME                the CloudFormation stack; 37 characters at most
  --accept PROMISE            on main networks: accept that P4 or P5 is weakened; may be repeated
  --accept-payee-change ADDR  pay an address that the live deployment does not pay; may be repeated
  --accept-independent        on main networks: sell with purchases = \"independent\"
  --accept-new-site-id        take a site id that another stack holds, or give this stack another one
  --secrets FILE              keep the secrets in this file and embed them in the zip, instead of SSM; made if it is not there
  --merge-secrets FILE        take facilitators' and RPC endpoints' secrets over from this file
  --rotate-secrets            new keys first, the previous ones still good
  --parameter KEY=VALUE       a parameter of the template, as infra/README.md lists them; may be repeated
  --buyers-in REGION          say how many sales fit in at once there, too; may be repeated, and is remembered
  --artifact-bucket NAME      where packages are kept; x402-artifacts-ACCOUNT
  --zip FILE                  a packaged function, instead of packaging now
  --yes                       do not ask"

# shared_option OPTION [VALUE]: takes it and sets `taken`, or fails.
shared_option() {
    taken=2
    case $1 in --rotate-secrets | --yes | --accept-independent | --accept-new-site-id) ;; *) [ $# -ge 2 ] || usage_error "$1 needs a value" ;; esac
    case $1 in
        --config) config=$2 ;;
        --stack) stack=$2 ;;
        --accept | --accept-payee-change) accept+=("$1" "$2") ;;
        --accept-independent) accept+=("$1") taken=1 ;;
        --accept-new-site-id) accept_new_site_id=yes taken=1 ;;
        --secrets) secrets_file=$2 ;;
        --merge-secrets) merge_secrets=$2 ;;
        --parameter) [[ $2 == *=* ]] || usage_error "--parameter $2: write KEY=VALUE"; given+=("$2") ;;
        --buyers-in) add_buyers_in "$2" ;;
        --artifact-bucket) artifact_bucket=$2 ;;
        --zip) zip=$2 ;;
        --rotate-secrets) rotate_secrets=yes taken=1 ;;
        --yes) yes=yes taken=1 ;;
        *) return 1 ;;
    esac
}

check_shared_options() {
    [[ $stack =~ ^[a-z][a-z0-9-]{0,40}$ ]] ||
        die "--stack $stack: not a name" "a letter, then letters, digits and hyphens in lower case, 37 at most (41 if it exists)"
    [ -n "$config" ] || usage_error "name the content.toml with --config or CONTENT_CONFIG"
    [ -f "$config" ] || die "there is no $config" "--config names the content.toml"
    [ -z "$zip" ] || [ "$rotate_secrets" = no ] || usage_error "--rotate-secrets changes the zip: leave --zip away"
    need aws openssl
    need_ship
}

# CloudFormation makes the function's name, STACK-EdgeFunction-RANDOM, and Lambda takes 64 characters; it cuts the
# rest off STACK. 37 leave room for 13 random ones.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html
# check_stack_name STATUS: ends if a new stack's name would be cut. A stack that has its name keeps it.
check_stack_name() {
    [ "${#stack}" -le 37 ] || stack_exists "$1" ||
        die "--stack $stack: ${#stack} characters, and 37 are the most" \
            "a function's name has 64: CloudFormation cuts STACK-EdgeFunction-RANDOM to that, and two stacks' functions look alike"
}

# stack_parameters STATUS FILE: writes what both templates need, as far as it is known.
stack_parameters() {
    cp "$scratch/table-parameters" "$2"
    parameters "$2" CodeBucketName="$artifact_bucket" CodeObjectKey="$code_key" CodeSha256="$code_sha256" \
        SecretsParameterName="$secrets_parameter" FunctionTimeout="$(timeout_wanted "$1")"
    if [ -n "$redemptions_bucket" ] && ! grep -q '^CreateRedemptionsBucket=' "$2"; then
        local create
        create=$(whether_to_create "$1" CreateRedemptionsBucket "$redemptions_bucket")
        parameters "$2" CreateRedemptionsBucket="$create"
    fi
    [ ${#given[@]} = 0 ] || parameters "$2" "${given[@]}"
}

# wanted_parameter STATUS KEY: what --parameter says, or else the stack.
wanted_parameter() {
    local pair value=
    ! stack_exists "$1" || value=$(stack_parameter "$stack" "$2")
    for pair in ${given[@]+"${given[@]}"}; do
        [[ $pair != "$2"=* ]] || value=${pair#*=}
    done
    printf '%s' "$value"
}

# 30 s, or what an earlier run had to fall back to.
timeout_wanted() {
    local now=
    ! stack_exists "$1" || now=$(stack_parameter "$stack" FunctionTimeout)
    echo "${now:-30}"
}

# whether_to_create STATUS PARAMETER BUCKET: `yes` if the stack makes the bucket, or has made it.
whether_to_create() {
    local now='' state
    ! stack_exists "$1" || now=$(stack_parameter "$stack" "$2")
    if [ -z "$now" ]; then
        state=$(bucket_state "$3")
        [ "$state" = free ] && now=yes || now=no
    fi
    echo "$now"
}

# check_bucket NAME WHAT HOW: ends if a bucket of this name cannot be used.
check_bucket() {
    local state
    check_bucket_name "$1" "$2"
    state=$(bucket_state "$1")
    case $state in
        elsewhere) die "bucket $1 is not in $region" "$3" ;;
        taken) die "the name $1 is taken: bucket names are the world's, and this one is somebody else's" "$3" ;;
    esac
}

# preflight STATUS [HOST...]: shows what would be sold; ends if it may not be.
preflight() {
    local options=(--content-config "$config" --record "$scratch/record.json" --parameters "$scratch/table-parameters") host
    if stack_exists "$1"; then
        if fetch_record "$stack" "$scratch/previous.json"; then
            options+=(--previous "$scratch/previous.json")
        else
            options+=(--previous-unknown)
        fi
    fi
    for host in "${@:2}"; do options+=(--site-host "$host"); done
    ship preflight "${options[@]}" ${accept[@]+"${accept[@]}"} || { step=; exit 1; }
    redemptions_bucket=$(sed -n 's/^RedemptionsBucketName=//p' "$scratch/table-parameters")
    if [ -n "$redemptions_bucket" ] && ! grep -q '^CreateRedemptionsBucket=no' "$scratch/table-parameters"; then
        check_bucket "$redemptions_bucket" "[redemptions] bucket" "name another one in $config"
    fi
}
