//! Waiting for a condition, with a deadline.

use std::time::{Duration, Instant};

const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// The result of checking a condition: a `bool`, or an `Option` of the expected value.
pub trait Outcome {
    /// The value that [`eventually`] returns once the condition holds.
    type Value;

    /// Returns the value if the condition holds.
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

/// Checks repeatedly until the condition holds, and returns its value.
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
            "the condition did not hold within {limit:?}"
        );
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_condition_is_looked_at_until_it_holds() {
        let mut looks = 0;
        let third = eventually(Duration::from_secs(5), async || {
            looks += 1;
            (looks == 3).then_some("third time lucky")
        });
        assert_eq!(third.await, "third time lucky");
    }
}
