#!/bin/sh
# Requests that the services' OpenAPI documents allow, and requests that they forbid, against a private system:
#
#   loadtests/schemathesis.sh [--requests 20000] [--seed 1] [--json FILE]
#
# Needs the built programs (`cargo build --bins`), Python 3.10 or later and, the first time, the Python package index. Schemathesis is put
# into target/schemathesis; nothing else is written but FILE, with the figures. Exits with 1 where an answer is not what the documents say.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
home=$root/target/schemathesis
if ! "$home/venv/bin/schemathesis" --version >/dev/null 2>&1; then
    python3 -m venv "$home/venv"
    "$home/venv/bin/pip" install --quiet 'schemathesis==4.32.5'
fi
exec "$home/venv/bin/python" "$root/loadtests/schemathesis/run.py" "$@"
