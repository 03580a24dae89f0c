//! Disks that are full.

use std::process::Command;

use crate::helper::{Helper, Task};

/// A file system of 4 MiB, which goes with the helper's own mount namespace.
const MOUNT: &str = "mount -t tmpfs -o size=4m,mode=700 none \"$SPOOL_HELPER_FOLDER\"";

#[test]
fn a_full_disk_takes_nothing_loses_nothing_and_works_again_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let may_mount = |wrapper: &&[&str]| {
        let mut command = Command::new(wrapper[0]);
        command.args(&wrapper[1..]).args(["sh", "-c", MOUNT]);
        let status = command.env("SPOOL_HELPER_FOLDER", folder.path()).status();
        status.is_ok_and(|status| status.success())
    };
    let wrappers: [&[&str]; 2] = [&["unshare", "-m"], &["unshare", "-Urm"]];
    let helper = match wrappers.iter().find(|wrapper| may_mount(wrapper)) {
        Some(wrapper) => Helper::start_after(MOUNT, wrapper, folder.path(), Task::FillTheDisk),
        None => {
            println!("no file system may be mounted here: see the test with a limit of a file's size");
            return a_file_that_may_not_grow_is_as_good_as_a_full_disk();
        }
    };
    assert!(helper.end().contains("filled and emptied"));
}

#[test]
fn a_file_that_may_not_grow_is_as_good_as_a_full_disk() {
    let folder = tempfile::tempdir().unwrap();
    // in blocks of 512 bytes; without the signal that would end the process
    let limit = "trap '' XFSZ && ulimit -f 8192";
    let helper = Helper::start_after(limit, &["env"], folder.path(), Task::FillTheDisk);
    assert!(helper.end().contains("filled and emptied"));
}
