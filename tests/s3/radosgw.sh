#!/usr/bin/env bash
# A Ceph cluster of one, on loopback and in memory, whose gateway speaks S3 with true conditional
# writes. Runs a command against it, and takes it down again. S3_TEST_GIB=40 has it keep that much, on disk, where zeros
# take no room:
#
#   tests/s3/radosgw.sh cargo test -p edge-fn --test s3_records
#
# The command finds the server in S3_TEST_URL (scheme, host and port), and its keys in the usual
# AWS_* variables. It takes half a minute and 130 MB to start. Needs Debian's `ceph-mon`, `ceph-osd`
# and `radosgw`.
set -euo pipefail

for tool in ceph-mon ceph-osd radosgw radosgw-admin ceph monmaptool; do
  command -v "$tool" >/dev/null || {
    echo "$tool is missing: apt-get install --no-install-recommends ceph-mon ceph-osd radosgw" >&2
    exit 1
  }
done
[[ $# -gt 0 ]] || { echo "usage: $0 COMMAND..." >&2; exit 2; }

work=$(mktemp -d)
pids=()
cleanup() {
  local pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap cleanup EXIT

# Two ports that are free now.
read -r mon_port s3_port < <(python3 -c '
import socket
taken = [socket.socket() for _ in range(2)]
for one in taken: one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in taken))')

if [[ -n ${S3_TEST_GIB-} ]]; then
  objectstore=bluestore
  store="bluestore_block_size = $((S3_TEST_GIB << 30))
bluestore_compression_mode = force
bluestore_compression_algorithm = snappy
bluestore_fsck_on_mkfs = false
osd_memory_target = 1073741824
rgw_max_put_size = 53687091200"
else
  objectstore=memstore
  store="memstore_device_bytes = 1073741824"
fi

conf=$work/ceph.conf
cat >"$conf" <<END
[global]
fsid = 11111111-2222-4333-8444-555555555555
mon_host = [v2:127.0.0.1:$mon_port]
public_addr = 127.0.0.1
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
ms_cluster_mode = crc
ms_service_mode = crc
ms_client_mode = crc
ms_mon_cluster_mode = crc
ms_mon_service_mode = crc
ms_mon_client_mode = crc
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pgp_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
osd_objectstore = $objectstore
$store
mon_allow_pool_size_one = true
mon_data_avail_crit = 1
mon_data = $work/mon
osd_data = $work/osd
run_dir = $work
admin_socket = $work/\$name.sock
log_file = $work/\$name.log
pid_file =
rgw_frontends = beast endpoint=127.0.0.1:$s3_port
rgw_data = $work/rgw
rgw_enable_usage_log = false
rgw_enable_gc_threads = false
rgw_enable_lc_threads = false
END
mkdir "$work/mon" "$work/osd" "$work/rgw"
ceph=(ceph -c "$conf" --connect-timeout 20)

# Waits for a command to succeed, at most a minute.
await() {
  for _ in {1..120}; do
    "$@" >/dev/null 2>&1 && return
    sleep 0.5
  done
  echo "gave up waiting for: $*; the end of the logs:" >&2
  tail -n 20 "$work"/*.log >&2
  exit 1
}

monmaptool --create --addv a "[v2:127.0.0.1:$mon_port]" \
  --fsid 11111111-2222-4333-8444-555555555555 "$work/monmap" >/dev/null
ceph-mon -c "$conf" --mkfs -i a --monmap "$work/monmap" --mon-data "$work/mon"
ceph-mon -c "$conf" -f -i a --mon-data "$work/mon" &>"$work/mon.out" &
pids+=($!)
await "${ceph[@]}" status

osd_uuid=$(cat /proc/sys/kernel/random/uuid)
osd_id=$("${ceph[@]}" osd new "$osd_uuid")
ceph-osd -c "$conf" -i "$osd_id" --mkfs --osd-uuid "$osd_uuid" --osd-data "$work/osd" \
  &>"$work/mkfs.out"
ceph-osd -c "$conf" -f -i "$osd_id" --osd-data "$work/osd" &>"$work/osd.out" &
pids+=($!)
up() { "${ceph[@]}" osd stat | grep -q '1 up'; }
await up

# AWS's example keys.
export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE
export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
radosgw-admin -c "$conf" user create --uid test --display-name test \
  --access-key "$AWS_ACCESS_KEY_ID" --secret "$AWS_SECRET_ACCESS_KEY" >/dev/null
radosgw -c "$conf" -f -n client.admin &>"$work/rgw.out" &
pids+=($!)
answers() { python3 -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:$s3_port/')"; }
await answers

S3_TEST_URL=http://127.0.0.1:$s3_port "$@"
