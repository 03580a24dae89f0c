//! Every process restarted in order, one after the other.

use super::Fault;
use crate::scene::Scene;

/// None yet.
#[derive(Debug, Clone, Copy)]
pub enum Does {}

/// None yet.
pub const FAULTS: &[Fault] = &[];

impl Does {
    pub(super) async fn prepare(self, _scene: &mut Scene) -> anyhow::Result<()> {
        match self {}
    }

    pub(super) async fn begin(self, _scene: &mut Scene) -> anyhow::Result<()> {
        match self {}
    }

    pub(super) async fn leave(self, _scene: &mut Scene) -> anyhow::Result<Vec<String>> {
        match self {}
    }
}
