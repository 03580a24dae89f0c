//! Waiting for a condition, with a deadline.

use std::time::{Duration, Instant};

const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// What a look at a condition gives: a `bool`, or an `Option` of what was waited for.
pub trait Outcome {
    /// What [`eventually`] returns once the condition holds.
    type Value;

    /// The value, where the condition holds.
    fn settled(self) -> Option<Self::Value>;
}

impl Outcome for bool {
    type Value = ();

    fn settled(self) -> Option<()> {
        self.then_some(())
    }
}

impl<T> Outcome for Option<T> {
    type Value = T;

    fn settled(self) -> Self {
        self
    }
}

/// Looks again and again until the condition holds, and returns what it gave.
///
/// ```
/// # use std::time::Duration;
/// # use sportello_testkit::eventually;
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let mut looks = 0;
/// let third = eventually(Duration::from_secs(5), async || {
///     looks += 1;
///     (looks == 3).then_some("third time lucky")
/// });
/// assert_eq!(third.await, "third time lucky");
/// # });
/// ```
///
/// # Panics
///
/// When it does not hold within `limit`.
pub async fn eventually<O: Outcome>(limit: Duration, mut look: impl AsyncFnMut() -> O) -> O::Value {
    let deadline = Instant::now() + limit;
    loop {
        if let Some(value) = look().await.settled() {
            return value;
        }
        assert!(
            Instant::now() < deadline,
            "what was waited for did not come within {limit:?}"
        );
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}
