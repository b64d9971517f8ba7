# shellcheck shell=bash disable=SC2034,SC2154 # it shares variables with those that source it
# The function's secrets: in an SSM SecureString by default, so that the zip holds none.

file_tag() { printf 'file:%.16s' "$(openssl dgst -sha256 -r "$1")"; }

# secrets_key_is_current: whether the parameter is under the key that SecretsKmsKeyArn names first, or else AWS's own.
# https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterMetadata.html
secrets_key_is_current() {
    local now
    now=$(text 'Parameters[0].KeyId' ssm describe-parameters --parameter-filters "Key=Name,Values=$secrets_parameter") ||
        explain "asking for the key of $secrets_parameter"
    # As it was given: an ARN, or what an ARN ends in.
    case ${secrets_key:-arn:aws:kms:::alias/aws/ssm} in *"${now:-alias/aws/ssm}") ;; *) return 1 ;; esac
}

# plan_secrets LIVE: makes $scratch/secrets-new.json, and $scratch/secrets.json which is what gets embedded.
# LIVE is the tag of what is deployed. Sets secrets_action, secrets_parameter, secrets_version and
# secrets_tag. Changes nothing.
plan_secrets() {
    local options=(--content-config "$config" --output "$scratch/secrets-new.json") found=''
    [ -z "$merge_secrets" ] || options+=(--merge "$merge_secrets")
    [ "$accept_new_site_id" = no ] || options+=(--accept-new-site-id)
    secrets_parameter='' secrets_version=0 secrets_key=$(wanted_parameter "$status" SecretsKmsKeyArn)
    secrets_key=${secrets_key%%,*}
    if [ -n "$secrets_file" ]; then
        if [ -e "$secrets_file" ]; then
            options+=(--from "$secrets_file")
            found=$(file_tag "$secrets_file")
        fi
    else
        secrets_parameter=/x402/$stack
        local now
        if now=$(text '[Parameter.Version, Parameter.Value]' ssm get-parameter --name "$secrets_parameter" --with-decryption); then
            secrets_version=${now%%$'\t'*}
            printf '%s' "${now#*$'\t'}" >"$scratch/secrets-now.json"
            options+=(--from "$scratch/secrets-now.json")
            found=$secrets_parameter:$secrets_version
        elif ! failed_with ParameterNotFound; then
            explain "looking for the secrets in $secrets_parameter"
        fi
    fi
    if [ "$rotate_secrets" = yes ]; then
        # Rotating twice before one is live would drop the key that is.
        if [ -n "$1" ] && [ -n "$found" ] && [ "$1" != "$found" ]; then
            say "the secrets were rotated or completed already, and are not live yet: this run deploys them"
        else
            options+=(--rotate)
        fi
    fi
    secrets_action=$(ship secrets "${options[@]}") || die "the secrets are not in order"
    if [ -n "$secrets_file" ]; then
        cp "$scratch/secrets-new.json" "$scratch/secrets.json"
        secrets_tag=$(file_tag "$scratch/secrets-new.json")
        return
    fi
    [ "$secrets_action" != unchanged ] || secrets_key_is_current || secrets_action='under another key'
    [ "$secrets_action" = unchanged ] || secrets_version=$((secrets_version + 1))
    secrets_tag=$secrets_parameter:$secrets_version
    # With its version, so that a rotation is a new function version and rolls out as one.
    printf '{"ssm":{"parameter":"%s:%s","region":"%s"}}\n' "$secrets_parameter" "$secrets_version" "$region" \
        >"$scratch/secrets.json"
}

describe_secrets() {
    if [ -n "$secrets_file" ]; then
        say "  secrets     $secrets_action, in $secrets_file, and embedded in the zip: who can read the zip has them"
    else
        say "  secrets     $secrets_action, in SSM $secrets_parameter version $secrets_version; read at each cold start (one call to $region)"
    fi
}

# apply_secrets: does what was planned.
apply_secrets() {
    [ "$secrets_action" != unchanged ] || return 0
    if [ -n "$secrets_file" ]; then
        cp "$scratch/secrets-new.json" "$secrets_file.new"
        mv "$secrets_file.new" "$secrets_file"
        return
    fi
    local options=(--name "$secrets_parameter" --type SecureString --value "file://$scratch/secrets-new.json") version
    [ -z "$secrets_key" ] || options+=(--key-id "$secrets_key")
    # A first version must not replace one that somebody made meanwhile.
    [ "$secrets_version" = 1 ] || options+=(--overwrite)
    version=$(text Version ssm put-parameter "${options[@]}") || explain "writing the secrets to $secrets_parameter"
    [ "$version" = "$secrets_version" ] || die "somebody else changed $secrets_parameter meanwhile" "run the same command again"
}
