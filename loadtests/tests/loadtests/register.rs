//! The measurement of a large register works on a small one.

use loadtests::register::{self, Options};

#[tokio::test]
async fn a_register_is_filled_read_and_forgotten() {
    let options = Options {
        rows: vec![0, 5_000],
        // as many as the clock of processor time can tell from none
        drain: 10_000,
        reads: 5,
        seconds: 1,
        forget: 2,
        json: None,
    };
    let mut written = 0;
    let report = register::run(
        &options,
        |line| println!("{line}"),
        |_| {
            written += 1;
            Ok(())
        },
    );
    let report = report.await.expect("the register is measured");
    println!("{}", report.text());
    assert_eq!((written, report.fills.len()), (2, 2));
    assert!(report.message_bytes > 300.0, "{}", report.message_bytes);
    for fill in &report.fills {
        let registering = &fill.registering;
        assert!(registering.per_second > 0.0 && registering.postgres_us > 0.0);
        assert!(registering.worker_us > 0.0 && registering.log_bytes > 100.0);
        assert!(fill.bytes(false) > fill.bytes(true) && fill.bytes(true) > 0);
        for user in ["console", "status", "worker"] {
            assert!(fill.statements.iter().any(|one| one.user == user), "{user}");
        }
    }
    let forgotten = report.fills[1].forgetting.as_ref().expect("some were forgotten");
    assert!(forgotten.applications > 0);
}
