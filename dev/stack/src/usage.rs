//! The resources of processes with their descendants, from `/proc`.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use crate::Identity;

/// Unit of processor time in `/proc`, independent of the kernel's own clock (proc_pid_stat(5)).
const TICK: Duration = Duration::from_millis(10);

/// The resources of a process with its descendants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Processor time since their start, to a hundredth of a second, ended ones included.
    pub cpu: Duration,
    /// Memory in bytes: each process's own, plus shared memory (PostgreSQL's buffers, the program
    /// itself) counted once, at the largest share mapped by one process. For a single process it is
    /// the resident set.
    pub memory: u64,
}

/// Returns the resources of each root, from one look at all processes. Ended roots count as zero. A
/// root that descends from another counts only for itself and its own descendants.
#[must_use]
pub fn usage(roots: &[Identity]) -> Vec<Usage> {
    let processes: Vec<Stat> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| Stat::of(entry.ok()?.file_name().to_str()?.parse().ok()?))
        .collect();
    let roots: Vec<i32> = roots.iter().map(|root| root.pid().as_raw()).collect();
    trees(&processes, &roots)
        .iter()
        .map(|tree| of_tree(tree))
        .collect()
}

/// Returns each root with its descendants, without other roots and theirs.
fn trees<'a>(processes: &'a [Stat], roots: &[i32]) -> Vec<Vec<&'a Stat>> {
    let mut children: BTreeMap<i32, Vec<&Stat>> = BTreeMap::new();
    for process in processes.iter().filter(|process| !roots.contains(&process.pid)) {
        children.entry(process.parent).or_default().push(process);
    }
    let tree_of = |root: &i32| {
        let mut tree: Vec<&Stat> = processes.iter().filter(|process| process.pid == *root).collect();
        let mut next = 0;
        while let Some(process) = tree.get(next) {
            tree.extend(children.get(&process.pid).into_iter().flatten());
            next += 1;
        }
        tree
    };
    roots.iter().map(tree_of).collect()
}

fn of_tree(tree: &[&Stat]) -> Usage {
    let ticks: u32 = tree.iter().map(|process| process.ticks).sum();
    let memories: Vec<Resident> = tree
        .iter()
        .filter_map(|process| Resident::of(process.pid))
        .collect();
    let own: u64 = memories.iter().map(|memory| memory.own).sum();
    let most = |part: fn(&Resident) -> u64| memories.iter().map(part).max().unwrap_or_default();
    Usage {
        cpu: TICK * ticks,
        memory: own + most(|memory| memory.files) + most(|memory| memory.shared),
    }
}

/// The fields of `/proc/PID/stat` that are used here.
struct Stat {
    pid: i32,
    parent: i32,
    ticks: u32,
}

impl Stat {
    fn of(pid: i32) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    /// The program's name, in parentheses, may itself hold spaces and parentheses.
    fn parse(line: &str) -> Option<Self> {
        let (head, tail) = line.rsplit_once(") ")?;
        let fields: Vec<&str> = tail.split_whitespace().collect();
        // in user and kernel mode, its own and that of children that it waited for
        let ticks = fields
            .get(11..15)?
            .iter()
            .filter_map(|field| field.parse::<u32>().ok());
        Some(Self {
            pid: head.split_once(" (")?.0.parse().ok()?,
            parent: fields.get(1)?.parse().ok()?,
            ticks: ticks.sum(),
        })
    }
}

/// The parts of a resident set, in bytes.
struct Resident {
    own: u64,
    files: u64,
    shared: u64,
}

impl Resident {
    fn of(pid: i32) -> Option<Self> {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let bytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
            Some(kibibytes * 1_024)
        };
        Some(Self {
            own: bytes("RssAnon:")?,
            files: bytes("RssFile:")?,
            shared: bytes("RssShmem:")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_that_of_the_process_and_of_children_it_waited_for() {
        let line = "7 (a) b) S 3 7 7 0 -1 0 0 0 0 0 100 20 3 4 20 0 1 0 4242 0 0";
        let stat = Stat::parse(line).unwrap();
        assert_eq!((stat.pid, stat.parent, stat.ticks), (7, 3, 127));
    }

    #[test]
    fn a_root_that_descends_from_another_counts_for_itself_alone() {
        let process = |pid, parent| Stat {
            pid,
            parent,
            ticks: 0,
        };
        let all = [
            process(1, 0),
            process(2, 1),
            process(3, 2),
            process(4, 1),
            process(5, 4),
        ];
        let pids = |roots: &[i32]| -> Vec<Vec<i32>> {
            let trees = trees(&all, roots);
            trees
                .iter()
                .map(|tree| tree.iter().map(|process| process.pid).collect())
                .collect()
        };
        assert_eq!(pids(&[1]), [[1, 2, 4, 3, 5]]);
        assert_eq!(pids(&[1, 2, 9]), [vec![1, 4, 5], vec![2, 3], vec![]]);
    }

    #[test]
    fn this_process_uses_about_what_it_has_resident() {
        let own = Identity::own().unwrap();
        let resident = own.memory().unwrap().resident;
        let used = usage(&[own])[0].memory;
        assert!(used > resident / 2 && used < resident * 2, "{used} {resident}");
    }
}
