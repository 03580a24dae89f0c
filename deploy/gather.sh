#!/bin/sh
# gather.sh PROGRAMS IMAGE: gathers what the image of the services holds. IMAGE/root gets the services from the folder
# PROGRAMS without debug information, the loader and the libraries that they ask for, and CA certificates;
# IMAGE/writable the folder for what is kept.
set -eu
programs=$1
root=$2/root
services="intake worker status portal console"

mkdir -p "$root/usr/local/bin" "$root/etc/ssl/certs" "$root/usr/share/doc"
for service in $services; do
    strip --strip-debug -o "$root/usr/local/bin/$service" "$programs/$service"
done

# each at the path by which the programs ask for it
for service in $services; do ldd "$programs/$service"; done | grep -o '/[^ ]*' | sort -u |
    while read -r library; do
        mkdir -p "$root${library%/*}"
        cp --dereference "$library" "$root$library"
    done
for package in libc6 libgcc-s1 ca-certificates; do
    mkdir -p "$root/usr/share/doc/$package"
    cp "/usr/share/doc/$package/copyright" "$root/usr/share/doc/$package/"
done

cp --dereference /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
mkdir -p "$2/writable/data"
chmod 0770 "$2/writable/data"
