//! PostgreSQL's data on a small file system, which can be full.
//!
//! The file system is in memory (tmpfs), mounted in a namespace of one sleeping process. A normal
//! user may do that if the kernel lets users make namespaces. The machine's own mounts stay
//! untouched, and the file system ends with that process. The server reaches it through
//! `/proc/PID/root`.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use nix::sys::statvfs::statvfs;

use sportello_stack::{Error, Postgres, Process, Result, RunAs, Spec, folders, wait};

/// Any folder that every user can enter; the mount hides it from the sleeping process alone.
const MOUNT_POINT: &str = "/tmp";
/// Mounts, and keeps the namespace until it is killed.
const KEEPER: &str = "mount -t tmpfs -o size=$0,mode=700 tmpfs /tmp && exec sleep infinity";
const MOUNTED_WITHIN: Duration = Duration::from_secs(10);
const FILLER: &str = "filler";

/// The data of one PostgreSQL server on a small file system. At most one disk a server.
pub struct SmallDisk<'a>(&'a mut Postgres);

impl<'a> SmallDisk<'a> {
    /// The small disk of this server, mounted or not.
    pub fn of(server: &'a mut Postgres) -> Self {
        Self(server)
    }

    /// Restarts the server with its data on a new disk that leaves `room` bytes beside them.
    ///
    /// # Errors
    ///
    /// No file system can be mounted here, or the server does not start.
    pub async fn mount(&mut self, room: u64) -> Result<()> {
        self.0.stop().await?;
        let data = self.0.data();
        let run_as = self.0.run_as()?;
        let disk = mount(&self.0.companion(), &run_as, size_of(&data)? + room).await?;
        copy(&run_as, &data, &disk.join("data"))?;
        folders::remove(&data)?;
        symlink(disk.join("data"), &data).map_err(Error::io(format!("link {}", data.display())))?;
        self.0.start().await
    }

    /// Restarts the server with its data where they were before, and removes the disk.
    ///
    /// # Errors
    ///
    /// The data can't be copied, or the server does not start.
    pub async fn unmount(&mut self) -> Result<()> {
        self.0.stop().await?;
        let data = self.0.data();
        let new = data.with_extension("new");
        copy(&self.0.run_as()?, &self.root()?.join("data"), &new)?;
        fs::remove_file(&data)
            .and_then(|()| fs::rename(&new, &data))
            .map_err(Error::io(format!("replace {}", data.display())))?;
        self.0.companion().kill().await?;
        self.0.start().await
    }

    /// Fills the disk to its last block. Call it again after something was removed.
    ///
    /// # Errors
    ///
    /// There is no disk, or it still has room.
    pub fn fill(&self) -> Result<()> {
        let disk = self.root()?;
        let filler = disk.join(FILLER);
        // by the server's own user: the file system knows no other. It ends with an error, once
        // there is no room
        let arguments = ["if=/dev/zero", "bs=4096", "oflag=append", "conv=notrunc"];
        let output = self
            .0
            .run_as()?
            .command(Path::new("dd"))
            .args(arguments)
            .arg(format!("of={}", filler.display()))
            .output();
        let output = output.map_err(Error::io("run dd"))?;
        let free = statvfs(&disk).map_err(io::Error::from);
        match free
            .map_err(Error::io(format!("look at {}", disk.display())))?
            .blocks_available()
        {
            0 => Ok(()),
            _ => Err(failed("dd", &output)),
        }
    }

    /// Removes what [`SmallDisk::fill`] wrote.
    ///
    /// # Errors
    ///
    /// There is no disk.
    pub fn free(&self) -> Result<()> {
        let filler = self.root()?.join(FILLER);
        run(self
            .0
            .run_as()?
            .command(Path::new("rm"))
            .arg("--force")
            .arg(filler))
    }

    fn root(&self) -> Result<PathBuf> {
        mounted_by(&self.0.companion()).ok_or_else(|| Error::NoSmallDisk("it is not mounted".to_owned()))
    }
}

async fn mount(keeper: &Process, run_as: &RunAs, bytes: u64) -> Result<PathBuf> {
    keeper.kill().await?;
    let mut command = run_as.prefix();
    let words = [
        "unshare",
        "--user",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        KEEPER,
    ];
    command.extend(words.map(Into::into));
    command.push(bytes.to_string().into());
    let spec = Spec {
        command,
        ..Spec::default()
    };
    keeper.start(&spec).await?;
    wait::until(MOUNTED_WITHIN, || {
        mounted_by(keeper).is_some() || !keeper.is_running()
    })
    .await;
    mounted_by(keeper).ok_or_else(|| {
        let log = fs::read_to_string(keeper.log()).unwrap_or_default();
        Error::NoSmallDisk(log.trim().to_owned())
    })
}

/// Its root, once it is another file system than the machine's own at the same place.
fn mounted_by(keeper: &Process) -> Option<PathBuf> {
    let disk = PathBuf::from(format!("/proc/{}/root{MOUNT_POINT}", keeper.identity()?.pid()));
    let ours = fs::metadata(MOUNT_POINT).ok()?;
    (fs::metadata(&disk).ok()?.dev() != ours.dev()).then_some(disk)
}

/// Returns the size of a folder, in bytes on disk.
fn size_of(folder: &Path) -> Result<u64> {
    let sum = |folder: &Path| -> io::Result<u64> {
        let (mut bytes, mut folders) = (0, vec![folder.to_owned()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                let metadata = entry.metadata()?;
                bytes += metadata.len().next_multiple_of(4_096);
                if metadata.is_dir() {
                    folders.push(entry.path());
                }
            }
        }
        Ok(bytes)
    };
    sum(folder).map_err(Error::io(format!("measure {}", folder.display())))
}

fn copy(run_as: &RunAs, from: &Path, to: &Path) -> Result<()> {
    let mut command = run_as.command(Path::new("cp"));
    run(command
        .args(["--recursive", "--preserve=mode,links"])
        .arg(from)
        .arg(to))
}

fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(Error::io(format!("run {program}")))?;
    if output.status.success() {
        return Ok(());
    }
    Err(failed(&program, &output))
}

fn failed(program: &str, output: &Output) -> Error {
    Error::Command {
        command: program.to_owned(),
        status: output.status.to_string(),
        output: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    }
}
