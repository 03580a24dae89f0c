#!/bin/sh
# There is no registry here: the packages of the same lock file, and the scripts built of them, are copied.
set -eu
case "$PWD $1" in
"/provider ci") cp -r /made/node_modules . ;;
"/web ci") ;;
"/web run") cp -r /made/dist . && mkdir -p build && cp /made/pages.cdx.json build/ ;;
*) echo "this npm can't do that: $PWD $*" >&2; exit 1 ;;
esac
