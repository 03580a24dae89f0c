//! What can't be opened says why, and what to do.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;

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

#[tokio::test]
async fn its_files_are_their_owners_alone() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("a/spool");
    let spool = open(&folder);
    spool.put(item(1)).await.unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let files: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    assert_eq!(files.len(), 2);
    assert!(files.iter().all(|file| mode(file) == 0o600));
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
