"""The part of scripts/package.sh that bash is no good at. Python's standard library, 3.8 or newer."""

import argparse
import base64
import hashlib
import json
import os
import pathlib
import secrets
import sys
import zipfile

DIST = pathlib.Path("dist")
ZIP = DIST / "edge-fn.zip"

# Throw-away keys begin so, "rehearsal" in ASCII: whatever file they come from, they are found.
REHEARSAL = b"rehearsal".hex()

# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-lambda-at-edge
OLD_QUOTA = 1_048_576
QUOTA = 50 * 1024 * 1024


def rehearsal_secrets():
    key = lambda: REHEARSAL + secrets.token_hex(32 - len(REHEARSAL) // 2)
    json.dump({"handover": [key()], "pass": [key()]}, sys.stdout)


def is_rehearsal(path):
    document = json.loads(path.read_text())
    keys = [*document.get("handover", []), *document.get("pass", [])]
    return any(key.lower().startswith(REHEARSAL) for key in keys)


def write_zip(shim):
    with zipfile.ZipFile(ZIP, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, source, mode in [
            ("bootstrap", DIST / "bootstrap", 0o755),
            ("index.py", pathlib.Path("edge-fn/shim", f"{shim}.py"), 0o644),
        ]:
            # The earliest time that a zip can say, the same for every build.
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # Unix: the attributes are a file type and a mode.
            entry.external_attr = (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, source.read_bytes(), compresslevel=9)


def quota(size):
    if size <= OLD_QUOTA:
        return "fits the old 1 MB quota"
    if size <= QUOTA:
        return "needs the 50 MB quota"
    os.remove(ZIP)
    sys.exit(
        f"scripts/package.sh: the zip has {size} bytes, and Lambda@Edge takes {QUOTA}: "
        "sell fewer objects from one distribution"
    )


def package(arguments):
    write_zip(arguments.shim)
    content, objects = ZIP.read_bytes(), (DIST / "objects.bin").read_bytes()
    digest = hashlib.sha256(content)
    about = {
        "sha256": digest.hexdigest(),
        "codeSha256": base64.b64encode(digest.digest()).decode(),
        "bytes": len(content),
        "quota": quota(len(content)),
        "shim": arguments.shim,
        "rehearsal": is_rehearsal(arguments.secrets),
        "commit": arguments.commit,
        # The blob of `price-table` begins with the number of its objects.
        "objects": int.from_bytes(objects[:4], "little"),
        "tableBytes": len(objects),
        "sampleTable": "CONTENT_CONFIG" not in os.environ,
    }
    ZIP.with_suffix(".json").write_text(json.dumps(about, indent=2) + "\n")
    rehearsal = ", throw-away keys: not to be deployed" if about["rehearsal"] else ""
    print(f"{ZIP}: {len(content):,} bytes ({about['quota']}), {arguments.shim} shim{rehearsal}")
    print(f"  table   {about['objects']:,} objects, {len(objects):,} bytes")
    print(f"  sha256  {about['sha256']}")


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(required=True, dest="command")
    commands.add_parser("rehearsal-secrets")
    zip_command = commands.add_parser("zip")
    zip_command.add_argument("--shim", required=True)
    zip_command.add_argument("--commit", required=True)
    zip_command.add_argument("--secrets", required=True, type=pathlib.Path)
    arguments = parser.parse_args()
    rehearsal_secrets() if arguments.command == "rehearsal-secrets" else package(arguments)


main()
