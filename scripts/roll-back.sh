#!/usr/bin/env bash
# Brings back an earlier package of a site, prices and all. Safe to run again.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib/say.sh
. scripts/lib/aws.sh
. scripts/lib/stack.sh
. scripts/lib/artifact.sh

usage() {
    cat <<'END'
usage: scripts/roll-back.sh [--stack NAME] [--to HASH] [--yes]
Without --to: lists the packages that were deployed. With it: the function is that package again; all other parameters, the
template, and the owner's tags stay as they are. An attached function goes back with scripts/attach.sh ID --rollback FILE.

  --stack NAME   the stack; x402-paywall
  --to HASH      the package's SHA-256, or how it begins
  --yes          do not ask
END
}

stack=x402-paywall to='' yes=no
while [ $# -gt 0 ]; do
    case $1 in
        --help | -h) usage; exit ;;
        --yes) yes=yes; shift; continue ;;
        --stack | --to) [ $# -ge 2 ] || usage_error "$1 needs a value" ;;&
        --stack) name_stack "$2" ;;
        --to) [[ $2 =~ ^[0-9a-f]{6,64}$ ]] || usage_error "--to $2: write 6 or more digits of a package's hash"; to=$2 ;;
        *) usage_error "there is no option $1" ;;
    esac
    shift 2
done
need openssl
begin "look"
sign_in
status=$(stack_status "$stack")
stack_exists "$status" || die "there is no stack $stack to roll back" "scripts/deploy.sh makes a new site"
stack_can_change "$stack" "$status"
[ -n "$(stack_output "$stack" DistributionId)" ] ||
    die "stack $stack has no distribution of its own" "scripts/attach.sh ID --rollback FILE puts the earlier function back on yours"
bucket=$(stack_parameter "$stack" CodeBucketName) live=$(stack_parameter "$stack" CodeObjectKey)
packages=$(text "sort_by(Contents || \`[]\`, &LastModified)[?ends_with(Key, '.zip')].[LastModified, Key]" \
    s3api list-objects-v2 --bucket "$bucket" --prefix "$stack/" "${owner[@]}") || explain "listing packages in s3://$bucket"
if [ -z "$to" ]; then
    step=
    while IFS=$'\t' read -r when key; do
        say "$when  $(basename "$key" .zip)$([ "$key" != "$live" ] || echo '  live')"
    done <<<"$packages"
    exit
fi
keys=$(cut -f 2 <<<"$packages" | grep "^$stack/$to" || true)
[ -n "$keys" ] || die "no package in s3://$bucket/$stack/ begins with $to" "scripts/roll-back.sh --stack $stack lists them"
[ "$(wc -l <<<"$keys")" = 1 ] || die "more than one package begins with $to" "${keys//$'\n'/ }"
[ "$keys" != "$live" ] || { step=; say "nothing to do: that package is the one that is deployed"; exit; }
sha256=$(basename "$keys" .zip)

# Whose the package was, and which secrets it reads, its tags say; without them the stack's stay.
if try_aws s3api get-object --bucket "$bucket" --key "${keys%.zip}.tags" "${owner[@]}" "$scratch/package-tags" >/dev/null; then
    say "its tags: $(paste -sd ' ' "$scratch/package-tags")"
else
    failed_with NoSuchKey || explain "reading the package's tags"
    say "(it was packed before its tags were kept: the stack's stay as they are)"
    stack_tags "$stack" | sed -n '/^x402-/p' >"$scratch/package-tags"
fi
secrets_tag=$(sed -n 's/^x402-secrets=//p' "$scratch/package-tags")
sed -E '/^x402-(secrets|stack|template)=/d' "$scratch/package-tags" >"$scratch/site-tags"
template=$(text TemplateBody cloudformation get-template --stack-name "$stack" --template-stage Original) || explain "reading the template"
printf '%s\n' "$template" >"$scratch/template.yaml"
# shellcheck disable=SC2001 # two digits at a time
code_sha256=$(printf '%b' "$(sed 's/../\\x&/g' <<<"$sha256")" | openssl base64 -A)
parameters "$scratch/site" CodeObjectKey="$keys" CodeSha256="$code_sha256"
[ -z "$(stack_parameter "$stack" Attempt)" ] || plan_attempt "$stack" "$status" "$scratch/template.yaml" "$scratch/site"
say "bring back s3://$bucket/$keys, at the prices that it has, in place of $live"
ask "Do this?"
begin "deploy stack $stack"
deploy_stack "$stack" "$scratch/template.yaml" "$scratch/site" || failed_deployment "$stack" "$scratch/failures"
step=
say "back; the edge follows in minutes: scripts/status.sh --stack $stack. scripts/deploy.sh goes forward again"
