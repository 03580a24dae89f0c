#!/bin/sh
set -eu
case "$*" in
"install "*cargo-auditable) ;;
"auditable build --release "*) mkdir -p target/release && cp /made/* target/release/ ;;
*) echo "this cargo can't do that: $*" >&2; exit 1 ;;
esac
