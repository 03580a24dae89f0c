//! What keeps the units from the machine and from each other.

use sportello_testkit::Guide;

use crate::UNITS;
use crate::machine::Machine;

/// Most points of ten of systemd's own judgement.
const MOST_EXPOSED: f32 = 2.5;

/// Fails where `systemd-analyze security` finds a unit too exposed.
pub fn units_are_closed(machine: &Machine<'_>, guide: &Guide) {
    let command = guide.section("What keeps the services apart");
    for unit in UNITS {
        let judged = machine.run(&command.replace("sportello-intake.service", unit));
        let exposed = exposure(&judged).unwrap_or_else(|| panic!("no judgement of {unit}:\n{judged}"));
        println!("{unit}: exposure {exposed}");
        assert!(exposed <= MOST_EXPOSED, "{unit}:\n{judged}");
    }
    let dumps = machine.run("cat /proc/$(systemctl show --property MainPID --value sportello-intake)/limits");
    assert!(
        dumps
            .lines()
            .any(|line| line.starts_with("Max core file size        0 ")),
        "{dumps}"
    );
}

/// Reads the last line: `→ Overall exposure level for NAME: 1.5 OK`.
fn exposure(judged: &str) -> Option<f32> {
    let line = judged
        .lines()
        .find(|line| line.contains("Overall exposure level"))?;
    line.rsplit(": ").next()?.split_whitespace().next()?.parse().ok()
}

#[test]
fn the_judgement_is_read() {
    assert_eq!(
        exposure("a\n→ Overall exposure level for a@1.service: 1.4 OK :-)\n"),
        Some(1.4)
    );
}
