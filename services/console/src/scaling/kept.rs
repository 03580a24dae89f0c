//! What is kept in the database, where the next leader finds it.

use serde::{Deserialize, Serialize};
use sportello_scaling::{Observed, State};
use sportello_store::{Store, StoreError};

use crate::hands::Seen;
use crate::setting::InForce;

/// What the automatic remembers, with what it has made of the operators' setting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Kept {
    #[serde(flatten)]
    pub(super) state: State,
    /// Version of the newest setting whose number at the platform is taken over or left.
    #[serde(default)]
    setting: i64,
    /// Look of this console's hand upon which it carried out the order that the state knows of.
    #[serde(skip)]
    done: Option<u64>,
}

impl Kept {
    /// Reads what the last leader kept; without it the automatic begins with the workers that run.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub(super) async fn read(store: &Store, observed: &Observed) -> Result<Self, StoreError> {
        let kept = store.scaling_state().await?;
        let kept = kept.and_then(|kept| serde_json::from_value(kept).ok());
        Ok(kept.unwrap_or_else(|| Self {
            state: State::new(observed.running.unwrap_or_default()),
            setting: 0,
            done: None,
        }))
    }

    /// Keeps it.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub(super) async fn keep(&self, store: &Store) -> Result<(), StoreError> {
        let kept = serde_json::to_value(self);
        let kept = kept.map_err(|_| StoreError::Unreadable("a memory of the automatic".into()))?;
        store.keep_scaling_state(&kept).await
    }

    /// Learns what the hand has done, and takes over the number at the platform where an operator
    /// says so: with a number of their own, or by word.
    pub(super) fn heeding(mut self, seen: &Seen, in_force: &InForce) -> Self {
        if let Some(done) = seen.done.filter(|done| self.done != Some(done.upon)) {
            self.state = self.state.ordered(done.workers);
            self.done = Some(done.upon);
        }
        let asked = seen.observed.as_ref().and_then(|observed| observed.asked);
        if let Some(asked) = asked.filter(|_| self.setting < in_force.version) {
            if in_force.setting.manual.is_some() || in_force.setting.take_over {
                self.state = self.state.taken_over(asked);
            }
            self.setting = in_force.version;
        }
        self
    }

    /// Goes on with the state after a decision. The wanted number at the platform is this system's
    /// own, also where the console ended before it noted its order.
    pub(super) fn after(self, state: State, asked: Option<u16>, wanted: u16) -> Self {
        let state = match asked.filter(|asked| *asked == wanted) {
            Some(asked) => state.ordered(asked),
            None => state,
        };
        Self { state, ..self }
    }
}

#[cfg(test)]
mod tests;
