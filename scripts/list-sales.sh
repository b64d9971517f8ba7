#!/bin/sh
# The payments that the seller may have to refund.
exec "$(dirname "$0")/paywall.sh" sales "$@"
