use std::future::pending;

use super::*;

#[tokio::test]
async fn a_check_that_hangs_fails_where_it_is_needed() {
    let checks = [
        Check::new("needed", pending),
        Check::warning("noticed", pending),
        Check::warning("wrong", || future::ready(Err("it is wrong"))),
    ];
    let found = ask(&checks).await;
    let states = found.checks.iter().map(|(name, check)| (*name, check.status));
    assert!(states.eq([
        ("needed", State::Fail),
        ("noticed", State::Pass),
        ("wrong", State::Warn)
    ]));
}
