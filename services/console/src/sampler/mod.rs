//! The sampler: one task that asks every process, every node and the database once a second, for
//! all viewers together.

mod compose;
mod facts;
mod minutes;
mod number;
mod processes;
mod proof;
mod scrape;
mod target;
mod unknown;
mod window;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use sportello_catalogue::LiveCatalogue;
use sportello_store::Store;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use compose::Read;
use facts::Facts;
use minutes::Minutes;
use scrape::Scraper;
pub(crate) use target::Targets;
pub use target::{Address, AddressError, Service};
use unknown::Unknowns;
use window::Window;

use crate::metrics;
use crate::shown::{Frame, Shown};
use crate::wanted::Wanted;

/// Interval between two samples.
const INTERVAL: Duration = Duration::from_secs(1);

/// Asks everything once a second.
pub(crate) struct Sampler {
    pub(crate) scraper: Scraper,
    pub(crate) store: Store,
    pub(crate) catalogue: LiveCatalogue,
    pub(crate) vhost: String,
    pub(crate) wanted: watch::Receiver<Option<Arc<Wanted>>>,
    pub(crate) shown: Arc<Shown>,
}

impl Sampler {
    /// Makes the client of the sampler.
    ///
    /// # Errors
    /// The client can't be made.
    pub(crate) fn scraper(targets: Targets) -> Result<Scraper, reqwest::Error> {
        Scraper::new(targets)
    }

    /// Samples until it is dropped.
    pub(crate) async fn run(self) {
        let (mut window, mut unknowns) = (Window::default(), Unknowns::default());
        let mut minutes = Minutes::new(self.store.clone());
        let mut ticks = tokio::time::interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        for sample in 1.. {
            ticks.tick().await;
            let frame = self.sample(sample, &mut window, &mut unknowns).await;
            let ended = self.shown.show(frame);
            metrics::sampled();
            minutes.step(ended, self.shown.past()).await;
        }
    }

    async fn sample(&self, sample: u64, window: &mut Window, unknowns: &mut Unknowns) -> Frame {
        let facts = async {
            let read = tokio::time::timeout(INTERVAL, Facts::read(&self.store));
            read.await.unwrap_or_default()
        };
        let (round, facts) = tokio::join!(self.scraper.round(), facts);
        window.push(round.tick);
        let catalogue = self.catalogue.current();
        let read = Read {
            at: Timestamp::now(),
            sample,
            window,
            healths: &round.healths,
            nodes: &round.nodes,
            facts,
            catalogue: &catalogue,
            wanted: self.wanted.borrow().clone(),
            vhost: &self.vhost,
        };
        Frame::of(read.compose(unknowns))
    }
}
