#!/bin/sh
set -eu
[ "$1 $2" = "build --release" ] || { echo "this cargo can't do that: $*" >&2; exit 1; }
mkdir -p target/release
cp /made/* target/release/
