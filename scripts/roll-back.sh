#!/bin/sh
# An earlier package of a site again, prices and all.
exec "$(dirname "$0")/paywall.sh" rollback "$@"
