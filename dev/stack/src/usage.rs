//! The resources of processes with their descendants.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::Identity;
use crate::procfs::{self, Stat};

/// The parts of a resident set: its own memory, mapped files, shared memory.
const PARTS: [&str; 3] = ["RssAnon:", "RssFile:", "RssShmem:"];

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
    let processes = Stat::all();
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
    let memories = tree
        .iter()
        .filter_map(|process| procfs::memory(process.pid, PARTS));
    let [own, files, shared] = memories.fold([0_u64; 3], |[own, files, shared], memory| {
        [own + memory[0], files.max(memory[1]), shared.max(memory[2])]
    });
    Usage {
        cpu: tree.iter().map(|process| process.cpu).sum(),
        memory: own + files + shared,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_that_descends_from_another_counts_for_itself_alone() {
        let process = |pid: i32, parent: i32| {
            let line = format!("{pid} (a) S {parent} 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 0 0");
            Stat::parse(&line).unwrap()
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
