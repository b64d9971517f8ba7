# shellcheck shell=bash # fail is of those that source it
# What Lambda's Amazon Linux 2023 lacks must not be needed. Wants objdump.

# What Amazon Linux 2023 has: Lambda's Python from 3.12 on, and provided.al2023.
# https://docs.aws.amazon.com/linux/al2023/ug/compare-with-al2.html
readonly newest_glibc=2.34

# runs_on_lambda FILE: fails if it does not; sets `newest`, the glibc that it needs.
runs_on_lambda() {
    local versions unknown
    # Every symbol version that the loader must find; the newest decides.
    versions=$(objdump -T "$1" | grep -o 'GLIBC_[0-9.]*' | sort -Vu)
    newest=$(tail -n 1 <<<"${versions//GLIBC_/}")
    if [ "$(printf '%s\n' "$newest" "$newest_glibc" | sort -V | tail -n 1)" != "$newest_glibc" ]; then
        objdump -T "$1" | grep "GLIBC_$newest" >&2
        fail "the symbols above need glibc $newest, but Lambda has $newest_glibc." \
            "Build on a system whose glibc is no newer than 2.36, such as Debian 12 or its container image."
    fi
    unknown=$(objdump -p "$1" | awk '$1 == "NEEDED" && $2 !~ /^(libc\.so\.6|libm\.so\.6|libgcc_s\.so\.1|ld-linux-x86-64\.so\.2)$/ { print $2 }')
    [ -z "$unknown" ] || fail "$1 needs libraries that Lambda may lack: $unknown"
}
