//! Builds the parts of the process.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use sportello_catalogue::LiveCatalogue;
use sportello_dead_letters::{Mender, Requeuer};
use sportello_ledger::LedgerTask;
use sportello_queue::topology::Topology;
use sportello_queue::{BrokerUri, Management, Requeues, TotalsProbe};
use sportello_scaling::HandKind;
use sportello_signals::ChannelSettings;
use sportello_store::{InvalidUrl, Store, StoreOptions};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::config::{Config, TargetConfig};
use crate::hands::Hands;
use crate::parts::Parts;
use crate::sampler::{Sampler, Service, Targets};
use crate::scaling::Automatic;
use crate::setting::Setting;
use crate::shown::Shown;
use crate::start_error::{SHORTEST_TOKEN, StartError};
use crate::streams::Streams;
use crate::wanted::Wanted;

/// What several parts share.
pub(crate) struct Common<'a> {
    config: &'a Config,
    uri: BrokerUri,
    pub(crate) catalogue: LiveCatalogue,
    pub(crate) channel_settings: ChannelSettings,
    shown: Arc<Shown>,
    of_start: Setting,
}

impl<'a> Common<'a> {
    /// Starts to follow catalogue and channel settings.
    ///
    /// # Errors
    /// [`StartError`] names the wrong setting.
    pub(crate) fn of(config: &'a Config) -> Result<Self, StartError> {
        let uri = config.amqp_url.clone().guarded(config.allow_clear_text)?;
        let uri = uri.with_topology(Topology::Expect);
        Ok(Self {
            config,
            catalogue: LiveCatalogue::start(config.catalogue.clone())?,
            channel_settings: ChannelSettings::start(uri.clone(), "console"),
            uri,
            shown: Shown::new(),
            of_start: Setting::of_start(&config.workers.scaling),
        })
    }

    /// Makes a pool of its own for a part: none waits for the connections of another.
    ///
    /// # Errors
    /// [`InvalidUrl`].
    pub(crate) fn store(&self, name: &str, connections: u32) -> Result<Store, InvalidUrl> {
        let options = store_options(name, connections, self.config.allow_clear_text);
        Store::connect(self.config.database_url.expose_secret(), &options)
    }

    pub(crate) fn sampler(
        &self,
        wanted: watch::Receiver<Option<Arc<Wanted>>>,
    ) -> Result<Sampler, StartError> {
        Ok(Sampler {
            scraper: Sampler::scraper(targets(&self.config.targets))?,
            store: self.store("console-sampler", 2)?,
            catalogue: self.catalogue.clone(),
            vhost: self.uri.virtual_host().to_owned(),
            wanted,
            shown: Arc::clone(&self.shown),
        })
    }

    pub(crate) async fn automatic(
        &self,
        wanted: watch::Sender<Option<Arc<Wanted>>>,
    ) -> Result<Automatic, StartError> {
        let workers = &self.config.workers;
        Ok(Automatic {
            store: self.store("console-scaling", 2)?,
            shown: Arc::clone(&self.shown),
            catalogue: self.catalogue.clone(),
            channel_settings: self.channel_settings.clone(),
            settings: workers.scaling.clone(),
            of_start: self.of_start,
            hands: Hands::start(workers.hand.hand().await?),
            wanted,
        })
    }

    pub(crate) fn requeuer(&self) -> Result<Requeuer, StartError> {
        let store = self.store("console-requeue", 2)?;
        Ok(Requeuer::new(store, Requeues::new(self.uri.clone(), "console")))
    }

    /// The auditor: with it the console knows the backlog while no worker runs.
    pub(crate) fn ledger(&self) -> Result<LedgerTask, StartError> {
        let config = self.config;
        let client = |url: &SecretString| {
            Management::new(url.expose_secret(), &config.amqp_url, config.allow_clear_text)
        };
        let management = config.management_url.as_ref().map(client).transpose()?;
        let totals = management.map(TotalsProbe::new);
        let store = self.store("console-ledger", 1)?;
        Ok(LedgerTask::new(store, self.uri.clone(), "console", totals))
    }

    pub(crate) fn parts(
        &self,
        store: Store,
        wanted: watch::Receiver<Option<Arc<Wanted>>>,
    ) -> Result<Parts, StartError> {
        let config = self.config;
        let agent_token = config.workers.agent_token.clone();
        let length = agent_token.as_ref().map(|token| token.expose_secret().len());
        if length.is_some_and(|length| length < SHORTEST_TOKEN) {
            return Err(StartError::AgentToken);
        }
        Ok(Parts {
            mender: Mender::new(store.clone(), self.catalogue.clone()),
            store,
            shown: Arc::clone(&self.shown),
            streams: Streams::new(config.streams, config.streams_per_operator),
            catalogue: self.catalogue.clone(),
            channel_settings: self.channel_settings.clone(),
            wanted,
            of_start: self.of_start,
            hands: hands(config.workers.hand.worker_hand),
            agent_token,
            closing: CancellationToken::new(),
        })
    }
}

/// Limits for an operator who waits, and for a second's work.
fn store_options(name: &str, connections: u32, allow_clear_text: bool) -> StoreOptions {
    StoreOptions {
        application_name: name.into(),
        max_connections: connections,
        acquire_timeout: Duration::from_millis(800),
        statement_timeout: Duration::from_secs(2),
        lock_timeout: Duration::from_secs(1),
        allow_clear_text,
    }
}

fn targets(config: &TargetConfig) -> Targets {
    let kinds = [
        (Service::Intake, &config.intake_addrs),
        (Service::Worker, &config.worker_addrs),
        (Service::Status, &config.status_addrs),
        (Service::Portal, &config.portal_addrs),
    ];
    let services = kinds.into_iter().flat_map(|(service, addresses)| {
        let addresses = addresses.iter().cloned();
        addresses.map(move |address| (service, address))
    });
    Targets {
        services: services.collect(),
        nodes: config.broker_metrics_addrs.clone(),
    }
}

/// Returns the name of what starts and stops workers.
fn hands(kind: HandKind) -> &'static str {
    match kind {
        HandKind::None => "none",
        HandKind::Local => "local",
        HandKind::Systemd => "systemd",
        HandKind::Compose => "compose",
        HandKind::Kubernetes => "kubernetes",
        HandKind::Keda => "keda",
    }
}
