#!/bin/sh
# Where a deployment stands, and what to do next.
exec "$(dirname "$0")/paywall.sh" status "$@"
