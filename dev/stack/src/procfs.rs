//! Processes and the machine as `/proc` shows them: no other tool reads it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;

use crate::{Result, state};

const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";
/// Unit of processor time (`USER_HZ`), independent of the kernel's own clock (proc_pid_stat(5)).
const TICK: Duration = Duration::from_millis(10);

/// The unique identity of a process: the kernel reuses ids alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pid: i32,
    /// Start time in clock ticks since the boot.
    started: u64,
    boot: String,
}

impl Identity {
    /// Returns this process.
    #[must_use]
    pub fn own() -> Option<Self> {
        Self::parse(&Self::record("self")?)
    }

    /// Returns the process with this id, if it exists.
    #[must_use]
    pub fn of(pid: u32) -> Option<Self> {
        Self::parse(&Self::record(&pid.to_string())?)
    }

    /// Writes this process's identity to a file, for [`Identity::read`].
    ///
    /// # Errors
    ///
    /// When the file can't be written.
    pub fn write_own(path: &Path) -> Result<()> {
        state::write_private(path, Self::record("self").unwrap_or_default().as_bytes())
    }

    /// Returns the text for [`Identity::parse`] of the process `pid`.
    fn record(pid: &str) -> Option<String> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        Some(stat + &fs::read_to_string(BOOT_ID).ok()?)
    }

    /// Parses the content of `/proc/PID/stat` followed by the boot id.
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

    /// Returns its memory (resident set); `None` once it has ended.
    #[must_use]
    pub fn memory(&self) -> Option<Memory> {
        let [resident, peak] = memory(self.pid, ["VmRSS:", "VmHWM:"])?;
        self.is_alive().then_some(Memory { resident, peak })
    }

    /// Returns its own processor time so far, without descendants, to a hundredth of a second.
    #[must_use]
    pub fn own_cpu_time(&self) -> Duration {
        Stat::of(self.pid).map_or(Duration::ZERO, |stat| stat.own_cpu)
    }

    /// Returns its id, which another process may get after its end.
    #[must_use]
    pub fn pid(&self) -> Pid {
        Pid::from_raw(self.pid)
    }

    /// Returns whether it still runs. Reaps it if it is a dead child of this process (a zombie).
    #[must_use]
    pub fn is_alive(&self) -> bool {
        let same_boot = fs::read_to_string(BOOT_ID).is_ok_and(|boot| boot.trim_end() == self.boot);
        let Some(stat) = Stat::of(self.pid).filter(|stat| same_boot && stat.started == self.started) else {
            return false;
        };
        if stat.dead {
            // another process's zombie is refused (ECHILD): its own parent reaps it
            let _ = waitpid(self.pid(), Some(WaitPidFlag::WNOHANG));
        }
        !stat.dead
    }

    /// Returns whether it is stopped, which happens a moment after SIGSTOP.
    pub(crate) fn is_stopped(&self) -> bool {
        Stat::of(self.pid).is_none_or(|stat| stat.stopped || stat.dead || stat.started != self.started)
    }

    /// Returns this process and its descendants, itself first.
    pub(crate) fn tree(&self) -> Vec<Self> {
        let all = Stat::all();
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

/// The memory of a process, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Current resident set.
    pub resident: u64,
    /// Largest resident set since its start.
    pub peak: u64,
}

/// Returns these fields of `/proc/PID/status` (proc_pid_status(5)), in bytes.
pub(crate) fn memory<const N: usize>(pid: i32, names: [&str; N]) -> Option<[u64; N]> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let fields: Option<Vec<u64>> = names.iter().map(|name| bytes(&status, name)).collect();
    fields?.try_into().ok()
}

/// Returns the machine's memory in bytes; 0 if it is unknown.
#[must_use]
pub fn machine_memory() -> u64 {
    let info = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    bytes(&info, "MemTotal:").unwrap_or_default()
}

/// Returns the value of a line such as `VmRSS:  1024 kB`, in bytes.
fn bytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1_024)
}

/// Returns the command line of a process, its arguments separated by spaces.
pub(crate) fn command_line(pid: i32) -> Option<String> {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    Some(String::from_utf8_lossy(&bytes).replace('\0', " "))
}

/// The fields of `/proc/PID/stat` that are used here (proc_pid_stat(5)).
pub(crate) struct Stat {
    pub(crate) pid: i32,
    dead: bool,
    stopped: bool,
    pub(crate) parent: i32,
    started: u64,
    /// Its processor time in user and kernel mode.
    own_cpu: Duration,
    /// The same with that of children that it waited for.
    pub(crate) cpu: Duration,
}

impl Stat {
    fn of(pid: i32) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    /// Returns all processes of the machine.
    pub(crate) fn all() -> Vec<Self> {
        let entries = fs::read_dir("/proc").into_iter().flatten();
        entries
            .filter_map(|entry| Self::of(entry.ok()?.file_name().to_str()?.parse().ok()?))
            .collect()
    }

    /// The program's name, in parentheses, may itself hold spaces and parentheses.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let (head, tail) = line.rsplit_once(") ")?;
        let fields: Vec<&str> = tail.split_whitespace().collect();
        let ticks = |last: usize| -> Option<Duration> {
            let ticks = fields.get(11..last)?.iter();
            Some(TICK * ticks.filter_map(|ticks| ticks.parse::<u32>().ok()).sum::<u32>())
        };
        Some(Self {
            pid: head.split_once(" (")?.0.parse().ok()?,
            // the first thread may have ended before the others, which still hold its ports
            dead: matches!(*fields.first()?, "Z" | "X") && fields.get(17)?.parse::<u32>().ok()? <= 1,
            stopped: matches!(*fields.first()?, "T" | "t"),
            parent: fields.get(1)?.parse().ok()?,
            started: fields.get(19)?.parse().ok()?,
            own_cpu: ticks(13)?,
            cpu: ticks(15)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_name_with_a_parenthesis_does_not_shift_the_fields() {
        let line = "7 (a) b) S 3 7 7 0 -1 0 0 0 0 0 100 20 3 4 20 0 1 0 4242 0 0";
        let stat = Stat::parse(line).unwrap();
        assert_eq!((stat.own_cpu, stat.cpu), (TICK * 120, TICK * 127));
        assert_eq!(
            (stat.pid, stat.parent, stat.started, stat.dead),
            (7, 3, 4242, false)
        );
    }

    #[test]
    fn a_process_is_dead_with_its_last_thread_and_not_with_its_first() {
        for (threads, dead) in [("12", false), ("2", false), ("1", true), ("0", true)] {
            let line = format!("7 (a) Z 3 7 7 0 -1 0 0 0 0 0 1 2 3 4 20 0 {threads} 0 4242 0 0");
            assert_eq!(Stat::parse(&line).unwrap().dead, dead, "{threads} threads");
        }
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
