#!/bin/sh
# What docker-compose.yml needs before anything starts. At the first start: a password for each user of the two servers
# and the secret for ids, each written where its service alone reads it. At every start: the benefits, open every day.
set -eu
umask 022

secret() { head -c 24 /dev/urandom | base64 | tr '+/' '-_'; }

# put FILE MODE OWNER: writes standard input to the file, in one step
put() {
    cat >"$1.new"
    chmod "$2" "$1.new"
    chown "$3" "$1.new"
    mv "$1.new" "$1"
}

# for SERVICE FILE: a secret of one service. Its user reads it, and a user of the platform's choice with the group 0.
for_service() { put "/secrets/$1/$2" 0440 10001:0; }
# a server's own volume, whose files its user reads, whatever number that has
for_server() { put "/secrets/$1/$2" 0444 0:0; }

make_secrets() {
    owner=$(secret)
    printf %s "$owner" | for_server postgres owner
    administrator=$(secret)
    passwords="s|\"password\": \"sportello\"|\"password\": \"$administrator\"|"
    ids=$(secret)$(secret)
    for service in intake status; do
        printf %s "$ids" | for_service $service application-id-secret
    done
    for service in worker status console; do
        password=$(secret)
        printf %s "$password" | for_server postgres $service
        printf %s "postgres://$service:$password@postgres:5432/sportello" | for_service $service database-url
    done
    for user in intake worker console; do
        password=$(secret)
        passwords="$passwords;s|\"password\": \"$user\"|\"password\": \"$password\"|"
        printf %s "amqp://$user:$password@rabbitmq:5672/%2f" | for_service $user amqp-url
    done
    password=$(secret)
    printf %s "$password" | for_server postgres monitor
    printf %s "$password" | for_service exporter password
    password=$(secret)
    passwords="$passwords;s|\"password\": \"monitor\"|\"password\": \"$password\"|"
    for service in worker console; do
        printf %s "http://monitor:$password@rabbitmq:15672" | for_service $service management-url
    done
    sed "$passwords" /compose/rabbitmq.json | for_server rabbitmq definitions.json
    printf %s "amqp://sportello:$administrator@rabbitmq:5672/%2f" | for_service setup amqp-url
    # the last one: without it, everything is made anew
    printf %s "postgres://sportello:$owner@postgres:5432/sportello" | for_service setup database-url
}

[ -s /secrets/setup/database-url ] || make_secrets

for benefit in /shipped/*.toml; do
    copy=/catalogue/${benefit##*/}
    awk -f /compose/open.awk "$benefit" >"$copy.new"
    # services read a file anew when it changes
    if cmp -s "$copy.new" "$copy"; then rm "$copy.new"; else mv "$copy.new" "$copy"; fi
done
