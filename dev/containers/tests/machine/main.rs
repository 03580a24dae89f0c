//! The packages on a bare Debian with systemd: every command of `docs/INSTALL-vm.md`, then stops,
//! updates and removals under load.
//!
//! The machine is a container of the engine that `tests/containers` starts, in the same namespaces
//! of its own. It has no network: the base image holds the packages that the document installs, as
//! apt would have fetched them. `cargo xtask test --packages` makes Sportello's own packages out of
//! the programs of development; what is in a package is the same in a release.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a panic fails the test; the output tells of steps that take minutes"
)]

#[path = "../containers/engine.rs"]
#[expect(dead_code, reason = "the other test uses all of it")]
mod engine;
#[path = "../containers/namespaces.rs"]
mod namespaces;
#[path = "../containers/shell.rs"]
#[expect(dead_code, reason = "the other test uses all of it")]
mod shell;

mod base;
mod hardening;
mod load;
mod machine;
mod secrets;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use engine::Engine;
use load::Load;
use machine::Machine;
use shell::{folder, root, until};
use sportello_testkit::Guide;

/// Longest time for what the machine does by itself.
const WITHIN: Duration = Duration::from_secs(120);
const UNITS: [&str; 9] = [
    "sportello-intake.service",
    "sportello-status.service",
    "sportello-portal.service",
    "sportello-console.service",
    "sportello-agent.service",
    "sportello-worker@1.service",
    "sportello-worker@2.service",
    "sportello-migrate.service",
    "sportello-topology.service",
];

#[test]
#[ignore = "needs root, an engine, mmdebstrap and a network: cargo xtask test --packages"]
fn bare_debian_registers_and_loses_nothing_until_it_is_purged() {
    if !namespaces::are_own() {
        base::make();
        return namespaces::run_again("bare_debian_registers_and_loses_nothing_until_it_is_purged");
    }
    let guide = Guide::read(&root().join("docs/INSTALL-vm.md"));
    let engine = Engine::start();
    base::import(&engine);
    let machine = Machine::start(&engine);
    machine.put(&packages("1"), "/root/sportello");

    let printed = timed("installed, configured, applied", || machine.run(&guide.steps()));
    let number = printed.trim().lines().last().unwrap_or_default();
    println!("protocol number {number}");
    assert!(number.contains("-00"), "no protocol number: {printed}");

    hardening::units_are_closed(&machine, &guide);
    secrets::are_with_their_services_alone(&machine);
    console_starts_workers_and_nothing_else(&machine);

    let load = Load::start(&machine);
    timed("stopped and started under load", || {
        machine.run(
            guide
                .section("Stop, start, update")
                .split_once("cd /root")
                .unwrap()
                .0,
        )
    });
    machine.put(&packages("2"), "/root/sportello");
    timed("updated under load", || {
        machine.run(&format!(
            "export DEBIAN_FRONTEND=noninteractive; rm /root/sportello/*-1_*.deb\ncd /root{}",
            guide
                .section("Stop, start, update")
                .split_once("cd /root")
                .unwrap()
                .1
        ))
    });
    let version = machine.run("dpkg-query --show --showformat '${Version}' sportello-worker");
    assert!(version.ends_with("-2"), "{version}");
    let accepted = load.stop();
    println!("{} applications accepted meanwhile", accepted.len());
    load::all_are_registered(&machine, &accepted);

    removes_what_it_says(&machine, &guide);
    drop(machine);
    engine.end();
}

/// Returns the folder of the packages that `cargo xtask test --packages` made: the first revision
/// is installed, the second updates it.
fn packages(revision: &str) -> PathBuf {
    folder().join("packages").join(revision)
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let result = work();
    println!("{what}: {:.0} s", begun.elapsed().as_secs_f32());
    result
}

/// The hand for systemd, under the unit's own rules and polkit's.
fn console_starts_workers_and_nothing_else(machine: &Machine<'_>) {
    machine.run("systemctl stop sportello-worker@1");
    until("the console starts the worker again", WITHIN, || {
        machine
            .tried("systemctl is-active sportello-worker@1")
            .0
            .then_some(())
    });
    // the console's own unit, with another program
    let as_console = "systemd-run --quiet --pipe --wait --property=DynamicUser=yes \
                      --property=User=sportello-console systemctl --no-ask-password restart";
    let (is_allowed, why) = machine.tried(&format!("{as_console} nginx.service"));
    assert!(!is_allowed, "the console's user started another unit");
    assert!(why.contains("authentication") || why.contains("denied"), "{why}");
}

fn removes_what_it_says(machine: &Machine<'_>, guide: &Guide) {
    let (remove, purge) = guide.section("Remove").split_once('\n').unwrap();
    machine.run(remove);
    for left in ["/var/lib/private/sportello-intake", "/etc/sportello/intake.env"] {
        machine.run(&format!("test -e {left}"));
    }
    assert!(!machine.tried("ls /usr/bin/sportello-*").0);
    let running = "systemctl list-units --plain --no-legend --state=active 'sportello-*'";
    assert_eq!(machine.run(running), "");

    let said = machine.run(&format!("{} 2>&1", purge.trim()));
    let left = machine.run("find /etc/sportello /var/lib/private -mindepth 1 -maxdepth 1");
    // of the trial and of the load
    let own = ["/etc/sportello/trial.jwks.json", "/etc/sportello/load"];
    for path in left.lines().filter(|path| !own.contains(path)) {
        assert!(
            said.contains(path),
            "purge leaves {path} and does not say so:\n{said}"
        );
    }
    assert!(left.contains("/var/lib/private/sportello-intake"), "{left}");
    assert!(
        said.contains("database and the broker's queues hold personal data"),
        "{said}"
    );
}
