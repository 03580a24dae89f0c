//! What every channel is set to.

use std::collections::HashMap;
use std::sync::Arc;

use sportello_domain::{BenefitId, Channel, ChannelPosition};

use super::message::Setting;

/// The setting that counts, of each channel that ever had one. In whatever order settings come, and however often, the
/// table ends the same.
#[derive(Clone, Default)]
pub(super) struct Table(HashMap<BenefitId, Settings>);

#[derive(Clone, Default)]
struct Settings {
    citizen: Option<Arc<Setting>>,
    intermediary: Option<Arc<Setting>>,
}

impl Settings {
    fn of(&self, channel: Channel) -> Option<&Arc<Setting>> {
        match channel {
            Channel::Citizen => self.citizen.as_ref(),
            Channel::Intermediary => self.intermediary.as_ref(),
        }
    }

    fn of_mut(&mut self, channel: Channel) -> &mut Option<Arc<Setting>> {
        match channel {
            Channel::Citizen => &mut self.citizen,
            Channel::Intermediary => &mut self.intermediary,
        }
    }
}

impl Table {
    pub(super) fn get(&self, benefit: &BenefitId, channel: Channel) -> Option<&Arc<Setting>> {
        self.0.get(benefit)?.of(channel)
    }

    pub(super) fn position(&self, benefit: &BenefitId, channel: Channel) -> ChannelPosition {
        self.get(benefit, channel)
            .map_or(ChannelPosition::Scheduled, |setting| setting.position)
    }

    /// Takes in a setting; says whether it counts from now on.
    pub(super) fn merge(&mut self, setting: &Arc<Setting>) -> bool {
        let settings = self.0.entry(setting.benefit.clone()).or_default();
        let place = settings.of_mut(setting.channel);
        if place.as_ref().is_some_and(|known| !setting.supersedes(known)) {
            return false;
        }
        *place = Some(Arc::clone(setting));
        true
    }

    /// Whether this setting, or one that counts more, is in.
    pub(super) fn reaches(&self, setting: &Setting) -> bool {
        self.get(&setting.benefit, setting.channel)
            .is_some_and(|known| !setting.supersedes(known))
    }

    pub(super) fn settings(&self) -> impl Iterator<Item = &Arc<Setting>> {
        self.0.values().flat_map(|settings| {
            Channel::ALL
                .into_iter()
                .filter_map(move |channel| settings.of(channel))
        })
    }
}
