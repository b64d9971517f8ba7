#!/bin/sh
# Pays with curl and a header that `edge-local sign` makes: `buy.sh URL KEY EDGE_LOCAL WIRE`.
set -eu
url=$1 key=$2 edge_local=$3 wire=$4
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

header=$("$edge_local" sign --key "$key" --wire "$wire" "$url")
status=$(curl -sS --max-time 60 -o "$folder/body" -D "$folder/headers" -w '%{http_code}' -H "$header" "$url")
[ "$status" = 200 ] || { echo "status $status: $(cat "$folder/body")" >&2; exit 1; }
digest=$(sha256sum < "$folder/body" | cut -d' ' -f1)

# One of the two receipt headers, as a member of a JSON object; base64 needs no escapes.
receipt() {
    sed -n "s/\r\$//; s/^$1: *\(.*\)/\"$1\":\"\1\"/Ip" "$folder/headers"
}
receipts=$(printf '%s\n%s\n' "$(receipt payment-response)" "$(receipt x-payment-response)" | grep . | paste -sd, -) || true
printf '{"status":%s,"sha256":"%s","headers":{%s}}\n' "$status" "$digest" "$receipts"
