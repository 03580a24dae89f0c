//! A process of its own that uses a spool, to be killed or to fill its disk: this test program,
//! started again.

use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sportello_spool::{PutError, Spool};
use tokio::task::JoinSet;

use super::{everything, item, open};

const FOLDER: &str = "SPOOL_HELPER_FOLDER";
const TASK: &str = "SPOOL_HELPER_TASK";

pub enum Task {
    /// Puts items from this number on, 64 at once, and prints which were kept.
    PutForEver { from: usize },
    /// Has the spool, and does nothing.
    Hold,
    /// Fills the disk and finds its way out of it.
    FillTheDisk,
}

pub struct Helper(Child);

impl Helper {
    pub fn start(folder: &Path, task: Task) -> Self {
        Self::start_by(Command::new(program()), folder, task)
    }

    /// Through a shell, which does `first` and becomes the helper; `$SPOOL_HELPER_FOLDER` is its
    /// folder.
    pub fn start_after(first: &str, wrapper: &[&str], folder: &Path, task: Task) -> Self {
        let script = format!("{first} && exec \"$0\" \"$@\"");
        let words: Vec<&str> = wrapper.iter().copied().chain(["sh", "-c", &script]).collect();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).arg(program());
        Self::start_by(command, folder, task)
    }

    fn start_by(mut command: Command, folder: &Path, task: Task) -> Self {
        let task = match task {
            Task::PutForEver { from } => from.to_string(),
            Task::Hold => "hold".into(),
            Task::FillTheDisk => "fill".into(),
        };
        let child = command
            .args([
                "--exact",
                "helper::what_the_helper_does",
                "--ignored",
                "--nocapture",
            ])
            .env(FOLDER, folder)
            .env(TASK, task)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self(child)
    }

    pub fn output(&mut self) -> ChildStdout {
        self.0.stdout.take().unwrap()
    }

    pub fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// Lets one that holds its spool go, and waits until it has ended well.
    pub fn let_go(&mut self) {
        drop(self.0.stdin.take());
        let status = self.0.wait().unwrap();
        assert!(status.success(), "{status}");
    }

    /// Returns its output, once it has ended well.
    pub fn end(mut self) -> String {
        let mut output = String::new();
        std::io::Read::read_to_string(&mut self.output(), &mut output).unwrap();
        let status = self.0.wait().unwrap();
        assert!(status.success(), "{status}: {output}");
        output
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        // it may have ended
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn program() -> std::path::PathBuf {
    std::env::current_exe().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "other tests start it as a process of its own"]
async fn what_the_helper_does() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let spool = open(Path::new(&folder));
    match std::env::var(TASK).unwrap().as_str() {
        "hold" => {
            println!("\nholds");
            // until its parent has gone
            let _ = tokio::task::spawn_blocking(|| std::io::stdin().read_line(&mut String::new())).await;
        }
        "fill" => fill_the_disk(spool).await,
        from => put_for_ever(spool, from.parse().unwrap()).await,
    }
}

async fn put_for_ever(spool: Spool, from: usize) {
    let next = Arc::new(std::sync::atomic::AtomicUsize::new(from));
    let mut tasks = JoinSet::new();
    for _ in 0..64 {
        let (spool, next) = (spool.clone(), Arc::clone(&next));
        tasks.spawn(async move {
            loop {
                let number = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                spool.put(item(number)).await.unwrap();
                println!("kept {number}");
            }
        });
    }
    tasks.join_all().await;
}

async fn fill_the_disk(spool: Spool) {
    let mut kept = 0;
    let failure = loop {
        match spool.put(item(kept)).await {
            Ok(()) => kept += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(failure, PutError::Disk);
    assert!(kept > 100, "{kept}");
    let begun = Instant::now();
    assert_eq!(spool.put(item(kept)).await, Err(PutError::Disk));
    assert!(begun.elapsed() < Duration::from_millis(50), "it fails at once");
    assert!(!spool.is_open());

    // all that was kept can be read, and removed, on the full disk
    let (keys, numbers) = everything(&spool).await;
    assert!(
        numbers.len() == kept || numbers.len() == kept + 1,
        "the last one may have got through"
    );
    assert_eq!(numbers[..kept], Vec::from_iter(0..kept));
    spool.remove(keys).await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while !spool.is_open() {
        assert!(Instant::now() < deadline, "the disk has room again");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    spool.put(item(kept)).await.unwrap();
    assert_eq!(everything(&spool).await.1, [kept]);
    println!("\nfilled and emptied");
}
