#!/bin/sh
set -eu
[ "$1" = rabbitmq-server ] || exec "$@"
export HOME=/var/lib/rabbitmq LANG=C.UTF-8
# what the package's scripts would log into files
export RABBITMQ_LOGS=-
chown -R rabbitmq "$HOME"
exec setpriv --reuid=rabbitmq --regid=rabbitmq --init-groups /usr/lib/rabbitmq/bin/rabbitmq-server
