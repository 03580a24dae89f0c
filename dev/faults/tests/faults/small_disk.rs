//! The data of a server move onto a disk that can be full, and back.

#![allow(clippy::unwrap_used, reason = "a failure here fails the test")]

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::thread;

use sportello_faults::SmallDisk;
use sportello_stack::abandoned::{discard, postgres};
use sportello_stack::{Identity, Postgres};
use tempfile::TempDir;

/// A folder of its own for one server.
struct Place(
    PathBuf,
    #[expect(dead_code, reason = "removes the folder")] TempDir,
);

impl Place {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        Self(folder.path().join("servers"), folder)
    }

    fn postgres(&self) -> Postgres {
        postgres(&self.0).unwrap()
    }
}

/// Stops the server, also when the test fails.
impl Drop for Place {
    fn drop(&mut self) {
        let end = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(discard(&self.0)).unwrap();
        };
        thread::scope(|scope| scope.spawn(end).join().unwrap());
    }
}

#[tokio::test]
async fn the_data_of_postgres_move_onto_a_disk_that_can_be_full_and_back() {
    let place = Place::new();
    let mut server = place.postgres();
    let data = place.0.join("postgres/data");
    server.start().await.unwrap();
    SmallDisk::of(&mut server).mount(16 << 20).await.unwrap();
    // of a user whom the file system knows; root can't make one there
    let mut file = OpenOptions::new()
        .append(true)
        .open(data.join("postgresql.auto.conf"))
        .unwrap();
    let mut write = || file.write_all(&[b'\n'; 8_192]);
    write().unwrap();

    SmallDisk::of(&mut server).fill().unwrap();
    let refused = write().and_then(|()| write());
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::StorageFull);
    SmallDisk::of(&mut server).free().unwrap();
    write().unwrap();

    SmallDisk::of(&mut server).unmount().await.unwrap();
    assert!(!data.is_symlink() && data.join("PG_VERSION").is_file());
    assert!(
        SmallDisk::of(&mut server).fill().is_err(),
        "there is no small disk any more"
    );
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_small_disk_is_gone_with_what_a_killed_run_left() {
    let place = Place::new();
    let mut server = place.postgres();
    server.start().await.unwrap();
    SmallDisk::of(&mut server).mount(16 << 20).await.unwrap();
    let keeper = Identity::read(&place.0.join("postgres/disk.pid")).unwrap();
    assert!(keeper.is_alive());
    discard(&place.0).await.unwrap();
    assert!(!keeper.is_alive() && !place.0.exists());
}
