//! Processes as `/proc` shows them.

use std::fs;
use std::path::Path;
use std::time::Duration;

use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;

use crate::{Result, state};

const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";
/// Of `/proc` (`USER_HZ`), whatever the kernel's own clock does.
const TICKS_A_SECOND: u64 = 100;

/// One process for all time: an id alone is given again to another process later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pid: i32,
    /// In clock ticks since the boot.
    started: u64,
    boot: String,
}

impl Identity {
    /// This very process.
    #[must_use]
    pub fn own() -> Option<Self> {
        Self::parse(&Self::record("self")?)
    }

    /// The process with this id, where there is one.
    #[must_use]
    pub fn of(pid: u32) -> Option<Self> {
        Self::parse(&Self::record(&pid.to_string())?)
    }

    /// Notes this very process in a file, for [`Identity::read`].
    ///
    /// # Errors
    ///
    /// When the file can't be written.
    pub fn write_own(path: &Path) -> Result<()> {
        state::write_private(path, Self::record("self").unwrap_or_default().as_bytes())
    }

    /// What [`Identity::parse`] reads, for the process `pid`.
    fn record(pid: &str) -> Option<String> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        Some(stat + &fs::read_to_string(BOOT_ID).ok()?)
    }

    /// Reads the contents of `/proc/PID/stat` followed by the boot id.
    fn parse(record: &str) -> Option<Self> {
        let (stat, boot) = record.trim_end().rsplit_once('\n')?;
        let stat = Stat::parse(stat)?;
        Some(Self {
            pid: stat.pid,
            started: stat.started,
            boot: boot.to_owned(),
        })
    }

    /// Reads a pid file that holds such a record.
    #[must_use]
    pub fn read(path: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(path).ok()?)
    }

    /// How much memory it has (its resident set); `None` once it has ended.
    #[must_use]
    pub fn memory(&self) -> Option<Memory> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).ok()?;
        Memory::parse(&status).filter(|_| self.is_alive())
    }

    /// The processor time that it alone took so far, without those that descend from it, to a hundredth of a second.
    #[must_use]
    pub fn own_cpu_time(&self) -> Duration {
        let ticks = Stat::of(self.pid).map_or(0, |stat| stat.ticks);
        Duration::from_millis(ticks * 1_000 / TICKS_A_SECOND)
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_raw(self.pid)
    }

    /// Whether it still runs. A dead child of ours that nobody waited for (a zombie) is reaped, and gone.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        let same_boot = fs::read_to_string(BOOT_ID).is_ok_and(|boot| boot.trim_end() == self.boot);
        let Some(stat) = Stat::of(self.pid).filter(|stat| same_boot && stat.started == self.started) else {
            return false;
        };
        if stat.dead {
            // someone else's zombie is refused (ECHILD): its own parent reaps it
            let _ = waitpid(self.pid(), Some(WaitPidFlag::WNOHANG));
        }
        !stat.dead
    }

    /// Whether it stands still, as SIGSTOP has it do a moment later.
    pub(crate) fn is_stopped(&self) -> bool {
        Stat::of(self.pid).is_none_or(|stat| stat.stopped || stat.dead || stat.started != self.started)
    }

    /// The processes that descend from this one, itself first.
    pub(crate) fn tree(&self) -> Vec<Self> {
        let all: Vec<Stat> = fs::read_dir("/proc")
            .into_iter()
            .flatten()
            .filter_map(|entry| Stat::of(entry.ok()?.file_name().to_str()?.parse().ok()?))
            .collect();
        let mut tree = vec![self.clone()];
        let mut next = 0;
        while let Some(parent) = tree.get(next).map(|process| process.pid) {
            tree.extend(
                all.iter()
                    .filter(|stat| stat.parent == parent && !stat.dead)
                    .map(|stat| Self {
                        pid: stat.pid,
                        started: stat.started,
                        boot: self.boot.clone(),
                    }),
            );
            next += 1;
        }
        tree
    }
}

/// How much memory a process has, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Now.
    pub resident: u64,
    /// The most since it began.
    pub peak: u64,
}

impl Memory {
    /// Reads the contents of `/proc/PID/status` (proc_pid_status(5)).
    fn parse(status: &str) -> Option<Self> {
        let bytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
            Some(kibibytes * 1_024)
        };
        Some(Self {
            resident: bytes("VmRSS:")?,
            peak: bytes("VmHWM:")?,
        })
    }
}

/// The command line of a process, its arguments separated by spaces.
pub(crate) fn command_line(pid: i32) -> Option<String> {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    Some(String::from_utf8_lossy(&bytes).replace('\0', " "))
}

/// The fields of `/proc/PID/stat` that are used here (proc_pid_stat(5)).
struct Stat {
    pid: i32,
    dead: bool,
    stopped: bool,
    parent: i32,
    started: u64,
    /// Its processor time in user and kernel mode.
    ticks: u64,
}

impl Stat {
    fn of(pid: i32) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    /// The program's name, in parentheses, may itself hold spaces and parentheses.
    fn parse(line: &str) -> Option<Self> {
        let (head, tail) = line.rsplit_once(") ")?;
        let fields: Vec<&str> = tail.split_whitespace().collect();
        Some(Self {
            pid: head.split_once(" (")?.0.parse().ok()?,
            dead: matches!(*fields.first()?, "Z" | "X"),
            stopped: matches!(*fields.first()?, "T" | "t"),
            parent: fields.get(1)?.parse().ok()?,
            started: fields.get(19)?.parse().ok()?,
            ticks: fields
                .get(11..13)?
                .iter()
                .filter_map(|ticks| ticks.parse::<u64>().ok())
                .sum(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_name_with_a_parenthesis_does_not_shift_the_fields() {
        let line = "7 (a) b) S 3 7 7 0 -1 0 0 0 0 0 1 2 3 4 20 0 1 0 4242 0 0";
        let stat = Stat::parse(line).unwrap();
        assert_eq!(stat.ticks, 1 + 2);
        assert_eq!(
            (stat.pid, stat.parent, stat.started, stat.dead),
            (7, 3, 4242, false)
        );
    }

    #[test]
    fn this_process_has_memory_and_never_more_than_its_peak() {
        let memory = Identity::own().unwrap().memory().unwrap();
        assert!(
            memory.resident > 0 && memory.resident <= memory.peak,
            "{memory:?}"
        );
    }

    #[test]
    fn this_process_is_alive_and_one_with_another_start_is_not() {
        let own = Identity::own().unwrap();
        assert!(own.is_alive());
        assert!(
            !Identity {
                started: own.started + 1,
                ..own.clone()
            }
            .is_alive()
        );
        assert!(
            !Identity {
                boot: "another boot".to_owned(),
                ..own
            }
            .is_alive()
        );
    }
}
