//! Namespaces of the test's own: what it starts, mounts and routes is gone when it ends.

use std::env;
use std::fs;
use std::path::Path;

use crate::shell::{command, tried};

/// Set for the test that runs inside.
const INSIDE: &str = "SPORTELLO_TEST_NAMESPACES";
/// What runs the test in namespaces. Their first process is a shell, which reaps those whose
/// parents have ended.
const INTO: &str = "setpriv --pdeathsig KILL unshare --net --mount --pid --fork --kill-child --mount-proc";
const FIRST: [&str; 4] = ["sh", "-c", "\"$@\"; exit $?", "first"];
/// The control group of all containers.
pub const CONTROL_GROUP: &str = "sportello-test";

/// Returns whether this process runs inside.
pub fn are_own() -> bool {
    env::var_os(INSIDE).is_some()
}

/// Runs a test of this program inside. All its processes end with it or with this one.
pub fn run_again(test: &str) {
    let program = env::current_exe().unwrap();
    let mut inside = command(&INTO.split(' ').collect::<Vec<_>>());
    inside.args(FIRST).arg(program);
    inside.args(["--exact", test, "--include-ignored", "--nocapture"]);
    let (is_good, text) = tried(inside.env(INSIDE, "1"));
    remove_control_groups();
    // this program prints the result
    let text = text.replace("test result:", "inside:");
    assert!(is_good, "{text}");
    println!("{text}");
}

/// Control groups have no namespace: the engine removes its own, unless it was killed.
fn remove_control_groups() {
    let hierarchies = fs::read_dir("/sys/fs/cgroup").into_iter().flatten().flatten();
    let hierarchies = hierarchies.map(|entry| entry.path().join(CONTROL_GROUP));
    for group in hierarchies.chain([Path::new("/sys/fs/cgroup").join(CONTROL_GROUP)]) {
        remove_group(&group);
    }
}

fn remove_group(group: &Path) {
    for entry in fs::read_dir(group).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            remove_group(&entry.path());
        }
    }
    // there may be none
    let _ = fs::remove_dir(group);
}
