#!/bin/sh
set -eu
names=$(env | sed -n 's/^\([A-Z_]*\)=.*/${\1}/p' | tr '\n' ' ')
for template in /etc/nginx/templates/*.template; do
    name=${template##*/}
    envsubst "$names" <"$template" >"/etc/nginx/conf.d/${name%.template}"
done
exec "$@"
