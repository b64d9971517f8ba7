#!/bin/sh
# Publishes the priced content.
exec "$(dirname "$0")/paywall.sh" publish "$@"
