//! Processes are found again, stopped with their descendants, and never mistaken for others.

use std::fs;
use std::path::Path;
use std::time::Duration;

use sportello_stack::{Error, Identity, Process, Spec, wait};

const SOON: Duration = Duration::from_secs(20);

fn process(folder: &Path) -> Process {
    Process::new("test", folder.join("test.pid"), folder.join("test.log"))
}

fn shell(script: &str) -> Spec {
    Spec::new("sh").arg("-c").arg(script)
}

/// Waits until the script has written that it is ready.
async fn written(path: &Path) {
    assert!(
        wait::until(SOON, || fs::read_to_string(path)
            .is_ok_and(|text| text.ends_with('\n')))
        .await
    );
}

#[tokio::test]
async fn it_is_found_again_by_its_pid_file_and_ends_on_sigterm() {
    let folder = tempfile::tempdir().unwrap();
    let script = r#"trap 'echo ended; exit' TERM; echo ready; while :; do sleep 0.1; done"#;
    process(folder.path()).start(&shell(script)).await.unwrap();
    let found = process(folder.path());
    written(found.log()).await;
    let identity = found.identity().unwrap();
    found.start(&shell(script)).await.unwrap();
    assert_eq!(found.identity(), Some(identity), "a second start leaves it alone");

    found.terminate(SOON).await.unwrap();

    assert!(!found.is_running());
    assert_eq!(fs::read_to_string(found.log()).unwrap(), "ready\nended\n");
}

#[tokio::test]
async fn what_it_started_is_killed_with_it_even_in_another_session() {
    let folder = tempfile::tempdir().unwrap();
    let note = folder.path().join("child");
    let script = format!(
        "setsid sh -c 'cat /proc/$$/stat /proc/sys/kernel/random/boot_id >{0}.new; mv {0}.new {0}; sleep 1000' & wait",
        note.display()
    );
    let parent = process(folder.path());
    parent.start(&shell(&script)).await.unwrap();
    written(&note).await;
    let child = Identity::read(&note).unwrap();
    assert!(child.is_alive());

    parent.kill().await.unwrap();

    assert!(!parent.is_running());
    assert!(!child.is_alive());
}

#[tokio::test]
async fn one_that_is_to_leave_the_cores_to_others_is_nicer_than_they_are() {
    async fn niceness(by: u8) -> i32 {
        let folder = tempfile::tempdir().unwrap();
        let nice = process(folder.path());
        nice.start(&shell("nice; while :; do sleep 0.1; done").nice(by))
            .await
            .unwrap();
        written(nice.log()).await;
        nice.kill().await.unwrap();
        fs::read_to_string(nice.log()).unwrap().trim().parse().unwrap()
    }
    // these tests may be nice themselves, up to the most there is
    let alone = niceness(0).await;
    assert_eq!(niceness(7).await, (alone + 7).min(19));
}

#[tokio::test]
async fn one_that_ignores_sigterm_is_killed_after_the_grace() {
    let folder = tempfile::tempdir().unwrap();
    let stubborn = process(folder.path());
    stubborn
        .start(&shell("trap '' TERM; echo ready; while :; do sleep 0.1; done"))
        .await
        .unwrap();
    written(stubborn.log()).await;
    stubborn.terminate(Duration::from_millis(200)).await.unwrap();
    assert!(!stubborn.is_running());
}

#[tokio::test]
async fn one_that_ended_is_not_running_though_nobody_has_waited_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let short = process(folder.path());
    short.start(&shell("exit 3")).await.unwrap();
    assert!(wait::until(SOON, || !short.is_running()).await);
    let error = short.wait_ready(SOON, async || false).await.unwrap_err();
    assert!(matches!(error, Error::Ended { .. }));
    assert!(error.to_string().contains("test.log"), "{error}");
}

#[tokio::test]
async fn a_pid_file_of_a_process_that_is_gone_names_nobody() {
    let folder = tempfile::tempdir().unwrap();
    Identity::write_own(&folder.path().join("test.pid")).unwrap();
    let pid_file = fs::read_to_string(folder.path().join("test.pid")).unwrap();
    let process = process(folder.path());
    assert!(process.is_running());

    // the same id, of another process after a reboot
    let (stat, _) = pid_file.trim_end().rsplit_once('\n').unwrap();
    fs::write(folder.path().join("test.pid"), format!("{stat}\nanother-boot\n")).unwrap();
    assert!(!process.is_running());
    process.kill().await.unwrap();
}

#[tokio::test]
async fn it_is_started_anew_only_when_its_spec_or_its_files_change() {
    let folder = tempfile::tempdir().unwrap();
    let made_of = folder.path().join("program");
    fs::write(&made_of, "1").unwrap();
    let mut spec = shell("sleep 1000");
    spec.made_of.push(made_of.clone());
    let process = process(folder.path());

    process.start_as(&spec, SOON).await.unwrap();
    let first = process.identity();
    process.start_as(&spec, SOON).await.unwrap();
    assert_eq!(process.identity(), first);

    fs::remove_file(&made_of).unwrap();
    fs::write(&made_of, "2").unwrap();
    process.start_as(&spec, SOON).await.unwrap();
    let second = process.identity();
    assert_ne!(second, first);

    process.start_as(&spec.env("SETTING", "new"), SOON).await.unwrap();
    assert_ne!(process.identity(), second);
    process.kill().await.unwrap();
}

#[tokio::test]
async fn settings_for_other_servers_do_not_reach_it() {
    let folder = tempfile::tempdir().unwrap();
    let process = process(folder.path());
    process
        .start(&shell("env; echo end").env("GIVEN", "1"))
        .await
        .unwrap();
    let log = process.log().to_owned();
    assert!(
        wait::until(SOON, || fs::read_to_string(&log)
            .is_ok_and(|text| text.ends_with("end\n")))
        .await
    );
    let text = fs::read_to_string(&log).unwrap();
    assert!(text.contains("GIVEN=1") && text.contains("PATH="), "{text}");
    assert!(!text.contains("CARGO_MANIFEST_DIR"), "{text}");
}
