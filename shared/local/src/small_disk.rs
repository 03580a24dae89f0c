//! PostgreSQL's data on a small file system, which can be full.
//!
//! The file system is in memory (tmpfs), mounted in a namespace that one sleeping process keeps: a normal user may do that
//! where the kernel lets users make namespaces, the machine's own mounts are not touched, and it is gone with that process.
//! The server reaches it through `/proc/PID/root`.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use nix::sys::statvfs::statvfs;

use crate::run_as::RunAs;
use crate::{Error, Postgres, Process, Result, Spec, folders, wait};

/// Any folder that everybody can enter; the mount hides it from the sleeping process alone.
const MOUNT_POINT: &str = "/tmp";
/// Mounts, and keeps the namespace until it is killed.
const KEEPER: &str = "mount -t tmpfs -o size=$0,mode=700 tmpfs /tmp && exec sleep infinity";
const MOUNTED_WITHIN: Duration = Duration::from_secs(10);
const FILLER: &str = "filler";

impl Postgres {
    /// Restarts it with its data on a file system that has only so many bytes of room beside them.
    ///
    /// # Errors
    ///
    /// When no file system can be mounted here, or the server does not start.
    pub async fn move_to_small_disk(&mut self, room: u64) -> Result<()> {
        self.stop().await?;
        let data = self.data();
        let run_as = self.run_as()?;
        let keeper = self.disk_keeper();
        let disk = mount(&keeper, &run_as, size_of(&data)? + room).await?;
        copy(&run_as, &data, &disk.join("data"))?;
        folders::remove(&data)?;
        symlink(disk.join("data"), &data).map_err(Error::io(format!("link {}", data.display())))?;
        self.start().await
    }

    /// Restarts it with its data where they were before.
    ///
    /// # Errors
    ///
    /// When the data can't be copied, or the server does not start.
    pub async fn move_from_small_disk(&mut self) -> Result<()> {
        self.stop().await?;
        let (data, new) = (self.data(), self.folder().join("data.new"));
        let run_as = self.run_as()?;
        copy(&run_as, &self.small_disk()?.join("data"), &new)?;
        fs::remove_file(&data)
            .and_then(|()| fs::rename(&new, &data))
            .map_err(Error::io(format!("replace {}", data.display())))?;
        self.disk_keeper().kill().await?;
        self.start().await
    }

    /// Leaves no room on the small disk. Whoever frees some has it again: call it once more.
    ///
    /// # Errors
    ///
    /// When there is no small disk, or it still has room.
    pub fn fill_disk(&self) -> Result<()> {
        let disk = self.small_disk()?;
        let filler = disk.join(FILLER);
        // by the server's own user: the file system knows no other. It ends with an error, once there is no room
        let arguments = ["if=/dev/zero", "bs=4096", "oflag=append", "conv=notrunc"];
        let output = self
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

    /// Gives the room back.
    ///
    /// # Errors
    ///
    /// When there is no small disk.
    pub fn free_disk(&self) -> Result<()> {
        let filler = self.small_disk()?.join(FILLER);
        run(self.run_as()?.command(Path::new("rm")).arg("--force").arg(filler))
    }

    fn run_as(&self) -> Result<RunAs> {
        RunAs::owner_of(self.folder(), &["postgres", "nobody"])
    }

    /// The process that keeps the small disk, where there is one.
    pub(crate) fn disk_keeper(&self) -> Process {
        let folder = self.folder();
        Process::new("the small disk", folder.join("disk.pid"), folder.join("disk.log"))
    }

    fn small_disk(&self) -> Result<PathBuf> {
        mounted_by(&self.disk_keeper()).ok_or_else(|| Error::NoSmallDisk("it is not mounted".to_owned()))
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

/// What a folder holds, in bytes on disk.
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
