#!/bin/sh
# Writes what the database knows about every query (types, nullability) into a folder: shared/store/.sqlx, which is
# committed so that building needs no database, or the folder given. DATABASE_URL names an empty database.
set -eu
: "${DATABASE_URL:?names an empty database}"
store=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$store/.sqlx}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
# with psql, not with our own program, which can't be built while the queries are not prepared
for migration in "$store"/migrations/*.sql; do
    psql "$DATABASE_URL" --quiet --set ON_ERROR_STOP=1 --single-transaction --file "$migration"
done
rm -f "$folder"/query-*.json
cd "$store"
# with all members selected, so that the dependencies are those that every other build of ours has made
SQLX_OFFLINE=false SQLX_OFFLINE_DIR=$folder cargo check --quiet --workspace --lib
