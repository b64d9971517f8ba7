#!/bin/sh
# The paywall in front of a distribution that exists.
exec "$(dirname "$0")/paywall.sh" attach "$@"
