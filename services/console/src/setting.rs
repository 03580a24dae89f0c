//! The operators' setting of the workers.

use serde::{Deserialize, Serialize};
use sportello_scaling::{Manual, ScalingSettings, Target};
use sportello_store::{Store, StoreError, WorkersSetting};

use crate::views::change::Change;

/// What the automatic works to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Setting {
    pub(crate) target: Target,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) manual: Option<Manual>,
    pub(crate) floor: u16,
    pub(crate) ceiling: u16,
    /// Whether its author takes over a number that somebody else set at the platform.
    #[serde(default)]
    pub(crate) take_over: bool,
}

/// The setting in force, with its version and its last change.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct InForce {
    pub(crate) version: i64,
    pub(crate) setting: Setting,
    pub(crate) changed: Option<Change>,
}

impl Setting {
    /// Returns what counts until an operator changes it.
    pub(crate) fn of_start(settings: &ScalingSettings) -> Self {
        Self {
            target: settings.target(),
            manual: None,
            floor: settings.workers_floor,
            ceiling: settings.workers_ceiling,
            take_over: false,
        }
    }

    /// Returns the words of the audit.
    pub(crate) fn words(&self) -> String {
        let target = match self.target {
            Target::DrainedBy { at } => format!("drained by {at}"),
            Target::NeverBehind { seconds } => format!("never behind {seconds} s"),
        };
        let from = if self.take_over {
            ", from the number at the platform"
        } else {
            ""
        };
        let bounds = format!("{} to {} workers{from}", self.floor, self.ceiling);
        match self.manual {
            Some(Manual { workers, until }) => {
                format!("{workers} workers until {until}, then {target}, {bounds}")
            }
            None => format!("{target}, {bounds}"),
        }
    }
}

impl InForce {
    /// Reads the setting in force.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away, [`StoreError::Unreadable`] for a setting
    /// of a newer version.
    pub(crate) async fn read(store: &Store, of_start: Setting) -> Result<Self, StoreError> {
        let Some(WorkersSetting {
            version,
            setting,
            operator,
            at,
            reason,
        }) = store.workers_setting().await?
        else {
            return Ok(Self {
                version: 0,
                setting: of_start,
                changed: None,
            });
        };
        let setting = serde_json::from_value(setting);
        let by = operator;
        Ok(Self {
            version,
            setting: setting.map_err(|_| StoreError::Unreadable("a setting of the workers".into()))?,
            changed: Some(Change { by, at, reason }),
        })
    }
}
