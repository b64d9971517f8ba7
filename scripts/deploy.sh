#!/bin/sh
# A new site, or a change of one.
exec "$(dirname "$0")/paywall.sh" deploy "$@"
