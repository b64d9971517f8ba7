#!/bin/sh
# Takes a site, or an attached function, down again.
exec "$(dirname "$0")/paywall.sh" destroy "$@"
