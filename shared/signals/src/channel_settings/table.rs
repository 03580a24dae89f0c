//! The setting of every channel.

use std::collections::HashMap;
use std::sync::Arc;

use sportello_domain::{BenefitId, Channel, ChannelPosition, PerChannel};

use super::message::Setting;

/// The winning setting of each channel that ever had one. The table is the same for any order and
/// any repetition of settings.
#[derive(Clone, Default)]
pub(super) struct Table(HashMap<BenefitId, Settings>);

type Settings = PerChannel<Option<Arc<Setting>>>;

impl Table {
    pub(super) fn get(&self, benefit: &BenefitId, channel: Channel) -> Option<&Arc<Setting>> {
        self.0.get(benefit)?[channel].as_ref()
    }

    pub(super) fn position(&self, benefit: &BenefitId, channel: Channel) -> ChannelPosition {
        self.get(benefit, channel)
            .map_or(ChannelPosition::Scheduled, |setting| setting.position)
    }

    /// Takes in a setting. Returns whether it wins.
    pub(super) fn merge(&mut self, setting: &Arc<Setting>) -> bool {
        let settings = self.0.entry(setting.benefit.clone()).or_default();
        let place = &mut settings[setting.channel];
        if place.as_ref().is_some_and(|known| !setting.supersedes(known)) {
            return false;
        }
        *place = Some(Arc::clone(setting));
        true
    }

    /// Returns whether the table has this setting, or one that supersedes it.
    pub(super) fn reaches(&self, setting: &Setting) -> bool {
        self.get(&setting.benefit, setting.channel)
            .is_some_and(|known| !setting.supersedes(known))
    }

    pub(super) fn settings(&self) -> impl Iterator<Item = &Arc<Setting>> {
        let all = self.0.values().flat_map(PerChannel::iter);
        all.filter_map(|(_, setting)| setting.as_ref())
    }
}
