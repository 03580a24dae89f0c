//! A process uses its fake clock, also when the clock jumps.

#![allow(clippy::unwrap_used, reason = "a failure here fails the test")]

use std::process::Command;

use jiff::Timestamp;
use sportello_faults::FakeClock;

/// Returns how many seconds the fake clock is ahead, as `date` sees it.
fn ahead(clock: &FakeClock) -> i64 {
    let output = Command::new("date")
        .arg("+%s")
        .envs(clock.environment())
        .output()
        .unwrap();
    let told: i64 = String::from_utf8(output.stdout).unwrap().trim().parse().unwrap();
    told - Timestamp::now().as_second()
}

#[test]
fn it_is_right_until_it_jumps() {
    let folder = tempfile::tempdir().unwrap();
    let clock = FakeClock::at(&folder.path().join("clock")).unwrap();
    // a second for starting `date`
    assert!((-2..=0).contains(&ahead(&clock)));
    for jump in [3_600, -3_600] {
        clock.jump(jump).unwrap();
        assert!((jump - 2..=jump).contains(&ahead(&clock)), "{jump}");
    }
    clock.jump(0).unwrap();
    assert!((-2..=0).contains(&ahead(&clock)));
}
