//! A spool that can't be opened says why, and what to do.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::Command;

use sportello_spool::{OpenError, Spool};

use super::{config, item, open};
use crate::helper::{Helper, Task};

#[tokio::test]
async fn two_processes_never_share_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let mut helper = Helper::start(folder.path(), Task::Hold);
    let mut lines = BufReader::new(helper.output()).lines();
    assert!(lines.any(|line| line.unwrap() == "holds"));
    let error = Spool::open(&config(folder.path())).err().unwrap();
    assert!(matches!(error, OpenError::Taken { .. }), "{error}");
    assert!(error.to_string().contains("another process"), "{error}");
    helper.kill();
    open(folder.path()).put(item(1)).await.unwrap();
}

/// System calls that make a name, or write their data to the disk.
const TRACED: &str = "trace=mkdir,mkdirat,openat,fsync,write";

/// Needs `strace`: no test can take the power from a disk, but the calls that keep a name can be
/// seen.
#[test]
fn the_names_of_a_new_spool_are_on_the_disk_before_it_is_open() {
    let traces = Command::new("strace").args(["-o", "/dev/null", "true"]).status();
    let traces = traces.expect("the package strace is installed");
    assert!(traces.success(), "a process may be traced by its parent here");
    let folder = tempfile::tempdir().unwrap();
    let (above, spool) = (folder.path().join("above"), folder.path().join("above/spool"));
    let trace = folder.path().join("trace");
    let wrapper = ["strace", "-f", "-y", "-e", TRACED, "-o", trace.to_str().unwrap()];
    let mut helper = Helper::start_after(":", &wrapper, &spool, Task::Hold);
    let mut lines = BufReader::new(helper.output()).lines();
    assert!(lines.any(|line| line.unwrap() == "holds"));
    helper.let_go();

    let trace = fs::read_to_string(trace).unwrap();
    let mut calls = trace.lines();
    let mut follows = |call: &str, of: &Path, how: [&str; 2]| {
        let path = [how[0], of.to_str().unwrap(), how[1]].concat();
        let found = calls.any(|line| line.contains(call) && line.contains(&path));
        assert!(found, "no {call} of {}:\n{trace}", of.display());
    };
    let (named, opened) = (["\"", "\""], ["<", ">"]);
    follows("mkdir", &above, named);
    follows("fsync", folder.path(), opened);
    follows("mkdir", &spool, named);
    follows("fsync", &above, opened);
    follows("O_CREAT", &spool.join("spool.redb"), named);
    follows("fsync", &spool, opened);
    assert!(calls.any(|line| line.contains("write(1<") && line.contains("holds")));
}

#[tokio::test]
async fn its_files_are_their_owners_alone() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("a/spool");
    let spool = open(&folder);
    spool.put(item(1)).await.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let files: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    assert_eq!(files.len(), 2);
    assert!(files.iter().all(|file| mode(file) == 0o600));
}

#[tokio::test]
async fn rights_that_others_had_before_are_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let (file, lock) = (folder.path().join("spool.redb"), folder.path().join("spool.lock"));
    open(folder.path()).close().await;
    let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for (path, wide) in [(folder.path(), 0o755), (&file, 0o644), (&lock, 0o666)] {
        set(path, wide);
    }
    open(folder.path()).put(item(1)).await.unwrap();
    let modes = [folder.path(), &file, &lock].map(mode);
    assert_eq!(modes, [0o700, 0o600, 0o600]);
}

#[tokio::test]
async fn what_nobody_can_read_keeps_no_file_from_being_begun_anew() {
    let folder = tempfile::tempdir().unwrap();
    let spool = open(folder.path());
    for number in 1..=3 {
        spool.put(item(number)).await.unwrap();
    }
    let items = spool.oldest(None, 10).await.unwrap();
    let aside = spool.set_aside(items[1].clone()).await.unwrap();
    assert_eq!(fs::read(&aside).unwrap(), item(2));
    assert_eq!(fs::metadata(&aside).unwrap().permissions().mode() & 0o777, 0o600);
    // held open, so that no other file gets its number
    let large = fs::File::open(folder.path().join("spool.redb")).unwrap();
    spool.remove(vec![items[0].key, items[2].key]).await.unwrap();
    assert_eq!(spool.holding().items, 0);
    let anew = fs::metadata(folder.path().join("spool.redb")).unwrap().ino();
    assert_ne!(anew, large.metadata().unwrap().ino());
}

#[tokio::test]
async fn a_damaged_file_is_never_opened_and_never_changed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("spool.redb");
    let spool = open(folder.path());
    for number in 0..500 {
        spool.put(item(number)).await.unwrap();
    }
    spool.close().await;
    let whole = fs::read(&file).unwrap();
    let place = whole.windows(4).position(|bytes| bytes == b"250 ").unwrap();
    let mut one_bit = whole.clone();
    one_bit[place] ^= 1;
    let cut = whole[..whole.len() / 2].to_vec();
    for (what, damaged) in [
        ("one bit", one_bit),
        ("cut", cut),
        ("another's", b"something else".to_vec()),
    ] {
        fs::write(&file, &damaged).unwrap();
        let error = Spool::open(&config(folder.path())).err().unwrap();
        assert!(matches!(error, OpenError::Damaged { .. }), "{what}: {error}");
        assert!(error.to_string().contains("keep it"), "{what}: {error}");
        assert_eq!(fs::read(&file).unwrap().len(), damaged.len(), "{what}");
    }
    fs::write(&file, &whole).unwrap();
    assert_eq!(open(folder.path()).holding().items, 500);
}

#[test]
fn a_folder_that_can_not_be_made_says_so() {
    let parent = tempfile::tempdir().unwrap();
    let file = parent.path().join("file");
    fs::write(&file, "").unwrap();
    let error = Spool::open(&config(&file.join("spool"))).err().unwrap();
    assert!(matches!(error, OpenError::Io { .. }), "{error}");
    assert!(error.to_string().contains("can't be read or written"), "{error}");
}
