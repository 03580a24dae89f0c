//! Passwords and keys.

use crate::machine::Machine;

/// Fails where a password stands in a process' environment or arguments, in a log or in a unit, or
/// where another user reads a credential.
pub fn are_with_their_services_alone(machine: &Machine<'_>) {
    machine.run(
        r#"
        cd /etc/sportello/credentials
        test "$(stat --format %a .)" = 700
        journalctl --quiet --no-pager > /tmp/journal
        systemctl show 'sportello-*' > /tmp/units
        for file in *-url application-id-secret; do
            test "$(stat --format %a $file)" = 600
            secret=$(sed --expression 's#.*://[^:]*:\([^@]*\)@.*#\1#' $file)
            for process in /proc/[0-9]*; do
                for place in environ cmdline; do
                    if grep --quiet --no-messages --fixed-strings "$secret" $process/$place; then
                        echo "the secret of $file is in $place of $(cat $process/comm)" >&2
                        exit 1
                    fi
                done
            done
            for place in /tmp/journal /tmp/units; do
                if grep --quiet --fixed-strings "$secret" $place; then
                    echo "the secret of $file is in $place" >&2
                    exit 1
                fi
            done
        done
        for folder in /run/credentials/sportello-*; do
            if setpriv --reuid 65534 --clear-groups ls $folder 2> /tmp/refused; then
                echo "another user reads $folder" >&2
                exit 1
            fi
        done
        "#,
    );
}
