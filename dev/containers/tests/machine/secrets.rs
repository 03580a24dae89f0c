//! Passwords and keys.

use crate::machine::Machine;

/// Fails where a password stands in a process' environment or arguments, in a log or in a unit, or
/// where another user reads a credential.
pub fn are_with_their_services_alone(machine: &Machine<'_>) {
    machine.run(
        r#"
        cd /etc/sportello/credentials
        test "$(stat --format %a .)" = 700
        for file in *-url application-id-secret; do
            test "$(stat --format %a $file)" = 600
            sed --expression 's#.*://[^:]*:\([^@]*\)@.*#\1#' $file >> /run/secrets
        done
        journalctl --quiet --no-pager > /run/journal
        systemctl show 'sportello-*' > /run/units
        if grep --files-with-matches --no-messages --fixed-strings --file /run/secrets \
            /proc/[0-9]*/environ /proc/[0-9]*/cmdline /run/journal /run/units > /run/found; then
            echo "a secret stands in:" >&2
            cat /run/found >&2
            exit 1
        fi
        rm /run/secrets
        for folder in /run/credentials/sportello-*; do
            if setpriv --reuid 65534 --clear-groups ls $folder 2> /dev/null; then
                echo "another user reads $folder" >&2
                exit 1
            fi
        done
        "#,
    );
}
