# shellcheck shell=bash disable=SC2034,SC2154 # it shares variables with those that source it
# Talking to people: what is about to happen, questions, and how to go on after a failure.

say() { printf '%s\n' "$*"; }

# The step that is being made, for the message after a failure.
step=
begin() {
    step=$1
    printf '\n== %s\n' "$1"
}

# die MESSAGE [HOW TO GO ON]: the message has what and where; the second part how to mend it.
die() {
    printf 'error: %s\n' "$1" >&2
    [ $# -lt 2 ] || printf '       %s\n' "${@:2}" >&2
    step=
    exit 1
}

# usage_error MESSAGE: the command line is wrong.
usage_error() {
    printf 'error: %s\n       %s --help lists the options\n' "$1" "$0" >&2
    step=
    exit 2
}

# A folder that is gone at the end: it may hold secrets.
umask 077
scratch=$(mktemp -d)

on_exit() {
    local code=$?
    rm -rf "$scratch"
    if [ "$code" != 0 ] && [ -n "$step" ]; then
        printf '\nstopped while: %s\n' "$step" >&2
        printf 'nothing is lost: run the same command again, it goes on from there; scripts/status.sh --stack %s says where things are\n' \
            "${stack:-NAME}" >&2
    fi
}
trap on_exit EXIT
trap 'exit 130' INT TERM

# ask QUESTION: goes on only after `yes`, or with --yes.
ask() {
    [ "${yes:-no}" = no ] || return 0
    local answer=
    # At a pipe's end nobody answers.
    [ -t 0 ] || [ -n "${ASK_FROM_PIPE:-}" ] || die "$1 Nobody is there to answer" "add --yes to go on without being asked"
    printf '\n%s [yes/no] ' "$1"
    read -r answer || true
    [ "$answer" = yes ] || { step=; say "nothing was changed"; exit 1; }
}

# need TOOL...: what is not here is said at once.
need() {
    local tool missing=()
    for tool; do command -v "$tool" >/dev/null || missing+=("$tool"); done
    [ ${#missing[@]} = 0 ] || die "missing: ${missing[*]}" \
        "aws is AWS's command line (https://docs.aws.amazon.com/cli/), cargo is Rust's (https://rustup.rs)"
}

# The project's own tool, which decides: SHIP names one that is built already, a release has it.
ship() {
    if [ -n "${SHIP:-}" ]; then "$SHIP" "$@"; elif [ -f paywall ]; then ./paywall ship "$@"; else cargo run --quiet --package ship -- "$@"; fi
}
need_ship() {
    [ -n "${SHIP:-}" ] || [ -f paywall ] || need cargo
}
