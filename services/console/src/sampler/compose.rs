//! Puts a second together from what was read.

use std::sync::Arc;

use jiff::Timestamp;
use sportello_catalogue::Catalogue;
use sportello_domain::{BenefitId, Channel, Language};
use sportello_scaling::TimeToDrain;

use super::facts::Facts;
use super::number::whole;
use super::processes::{nodes, services};
use super::proof;
use super::scrape::{HealthPage, NodeScrape};
use super::target::Service;
use super::unknown::Unknowns;
use super::window::Window;
use crate::views::ledger::Ledger;
use crate::views::now::{BenefitNow, BudgetUse, ChannelNow, Latency, Now, OutcomeCount, Rejection};
use crate::views::reading::Reading;
use crate::views::workers::WorkersNow;
use crate::wanted::Wanted;

/// A histogram whose quantiles are shown.
struct Measured {
    /// Its name in the API.
    what: &'static str,
    service: Service,
    histogram: &'static str,
    labels: &'static [(&'static str, &'static str)],
}

const REQUESTS: &str = "sportello_http_request_duration_seconds";
const MEASURED: [Measured; 4] = [
    Measured {
        what: "submit",
        service: Service::Intake,
        histogram: REQUESTS,
        labels: &[
            ("http_route", "/v1/applications"),
            ("http_request_method", "POST"),
        ],
    },
    Measured {
        what: "confirm",
        service: Service::Intake,
        histogram: "sportello_queue_confirm_duration_seconds",
        labels: &[],
    },
    Measured {
        what: "status",
        service: Service::Status,
        histogram: REQUESTS,
        labels: &[],
    },
    Measured {
        what: "registration",
        service: Service::Worker,
        histogram: "sportello_worker_registration_delay_seconds",
        labels: &[],
    },
];
const PUBLISHES: &str = "sportello_queue_publishes_total";
const ARRIVALS: &str = "sportello_intake_arrivals_total";
const PROBLEMS: &str = "sportello_http_problems_total";
const TRANSACTIONS: &str = "sportello_worker_transaction_duration_seconds_count";
const TRANSACTION_SECONDS: &str = "sportello_worker_transaction_duration_seconds_sum";
const TRANSACTION_APPLICATIONS: &str = "sportello_worker_transaction_applications_sum";
const GIVING_WAY: &str = "sportello_worker_giving_way";
const RETRIES: &str = "sportello_worker_retries_total";

/// Everything that was read in one second.
pub(crate) struct Read<'a> {
    pub(crate) at: Timestamp,
    pub(crate) sample: u64,
    pub(crate) window: &'a Window,
    pub(crate) healths: &'a [Option<HealthPage>],
    pub(crate) nodes: &'a [NodeScrape],
    pub(crate) facts: Facts,
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) wanted: Option<Arc<Wanted>>,
    pub(crate) vhost: &'a str,
}

impl Read<'_> {
    /// Returns the second as viewers see it.
    pub(crate) fn compose(&self, unknowns: &mut Unknowns) -> Now {
        let now = Now {
            sample: self.sample,
            at: self.at,
            ledger: self.ledger(unknowns),
            channels: Channel::ALL.map(|channel| self.channel(channel, unknowns)).into(),
            benefits: self.benefits(unknowns),
            time_to_drain: self
                .wanted
                .as_ref()
                .map_or(TimeToDrain::Unknown, |wanted| wanted.time_to_drain),
            workers: self.workers(unknowns),
            rejections: self.rejections(unknowns),
            latencies: MEASURED.iter().map(|it| self.latency(it, unknowns)).collect(),
            dead_letters: unknowns.reading("dead_letters", self.facts.dead_letters, self.at),
            services: services(self.window, self.healths, unknowns, self.at),
            nodes: nodes(self.nodes, self.vhost, unknowns, self.at),
        };
        unknowns.end_second();
        now
    }

    fn ledger(&self, unknowns: &mut Unknowns) -> Ledger {
        let read = self.facts.ledger.as_ref();
        let verdict = unknowns.reading("ledger", read.map(proof::verdict), self.at);
        match read {
            Some(ledger) => proof::shown(ledger, verdict),
            None => Ledger {
                verdict,
                compared_since: None,
                equations: Vec::new(),
                gaps: Vec::new(),
            },
        }
    }

    fn channel(&self, channel: Channel, unknowns: &mut Unknowns) -> ChannelNow {
        let ledger = self.facts.ledger.as_ref().map(|ledger| &ledger.channels[channel]);
        let label = [("channel", channel.as_str())];
        let arrivals = self.window.rate(Service::Intake, PUBLISHES, &label);
        let oldest = ledger.map(|ledger| {
            let since = ledger.oldest_waiting_since;
            since.map_or(0.0, |since| self.at.duration_since(since).as_secs_f64().max(0.0))
        });
        let outstanding = ledger.map(|ledger| ledger.outstanding);
        let mut reading = |name: &str, value: Option<f64>| {
            unknowns.reading(format!("{}/{name}", channel.as_str()), value, self.at)
        };
        ChannelNow {
            channel,
            arrivals_per_second: reading("arrivals", arrivals),
            confirms_per_second: reading("confirms", ledger.and_then(|it| it.confirm_rate.last_10_s)),
            settled_per_second: reading("settled", ledger.and_then(|it| it.settle_rate.last_10_s)),
            oldest_age_seconds: reading("oldest", oldest),
            outstanding: unknowns.reading(format!("{}/outstanding", channel.as_str()), outstanding, self.at),
        }
    }

    fn benefits(&self, unknowns: &mut Unknowns) -> Vec<BenefitNow> {
        let arrivals = self.window.rates_by(Service::Intake, ARRIVALS, "benefit");
        let benefits = self.catalogue.benefits().map(|benefit| {
            let id = benefit.id();
            let of_it = arrivals
                .as_ref()
                .map(|rates| rates.get(id.as_str()).copied().unwrap_or(0.0));
            BenefitNow {
                benefit: id.to_string(),
                title: benefit.title().in_language(Language::Italian).to_owned(),
                arrivals_per_second: unknowns.reading(format!("{id}/arrivals"), of_it, self.at),
                outstanding: unknowns.reading(format!("{id}/outstanding"), self.outstanding(id), self.at),
                outcomes: unknowns.reading(format!("{id}/outcomes"), self.outcomes(id), self.at),
                budgets: unknowns.reading(format!("{id}/budgets"), self.budgets(id), self.at),
            }
        });
        benefits.collect()
    }

    fn outstanding(&self, benefit: &BenefitId) -> Option<u64> {
        let ledger = self.facts.ledger.as_ref()?;
        Some(ledger.benefits.get(benefit).copied().unwrap_or_default())
    }

    fn outcomes(&self, benefit: &BenefitId) -> Option<Vec<OutcomeCount>> {
        let counts = self.facts.outcomes.as_ref()?;
        let mut outcomes: Vec<OutcomeCount> = Vec::new();
        for count in counts.iter().filter(|count| count.benefit == *benefit) {
            let outcome = count.outcome.as_str();
            match outcomes.iter_mut().find(|it| it.outcome == outcome) {
                Some(of_both_channels) => of_both_channels.applications += count.applications,
                None => outcomes.push(OutcomeCount {
                    outcome,
                    applications: count.applications,
                }),
            }
        }
        Some(outcomes)
    }

    fn budgets(&self, benefit: &BenefitId) -> Option<Vec<BudgetUse>> {
        let budgets = self.facts.budgets.as_ref()?;
        let of_it = budgets.iter().filter(|budget| budget.key.benefit == *benefit);
        let uses = of_it.map(|budget| BudgetUse {
            budget: match &budget.key.category {
                Some(category) => format!("{benefit}/{category}"),
                None => benefit.to_string(),
            },
            cap_cents: budget.cap_cents,
            within_cents: budget.within_cents,
            past_cents: budget.past_cents,
        });
        Some(uses.collect())
    }

    fn workers(&self, unknowns: &mut Unknowns) -> WorkersNow {
        let wanted = self.wanted.as_ref();
        let running = self.window.read(Service::Worker).map(|read| read.len());
        let running = running.and_then(|running| u16::try_from(running).ok());
        let busy = self.window.risen(Service::Worker, TRANSACTIONS);
        WorkersNow {
            wanted: unknowns.reading("workers/wanted", wanted.map(|wanted| wanted.workers), self.at),
            running: unknowns.reading("workers/running", running, self.at),
            busy: unknowns.reading("workers/busy", busy, self.at),
            why: wanted.map(|wanted| wanted.why.clone()).unwrap_or_default(),
            held_back: unknowns.reading("workers/held_back", self.held_back(), self.at),
            seconds_per_application: unknowns.reading("workers/cost", self.cost(), self.at),
            hand: wanted.map(|wanted| wanted.hand.clone()).unwrap_or_default(),
        }
    }

    /// Seconds in a transaction for each application; `None` while none is registered.
    fn cost(&self) -> Option<f64> {
        let rate = |name| self.window.rate(Service::Worker, name, &[]);
        let (seconds, applications) = (rate(TRANSACTION_SECONDS)?, rate(TRANSACTION_APPLICATIONS)?);
        (applications > 0.0).then(|| seconds / applications)
    }

    /// Whether workers gave way to an overload of intake, or tried again at the database.
    fn held_back(&self) -> Option<bool> {
        let gives_way = self.window.most(Service::Worker, GIVING_WAY)? > 0.0;
        let retries = self
            .window
            .rate(Service::Worker, RETRIES, &[("task", "register")])?;
        Some(gives_way || retries > 0.0)
    }

    fn rejections(&self, unknowns: &mut Unknowns) -> Reading<Vec<Rejection>> {
        let rates = self.window.rates_by(Service::Intake, PROBLEMS, "problem");
        let rejections = rates
            .zip(self.window.read(Service::Intake))
            .map(|(rates, pages)| {
                let rejections = rates.into_iter().map(|(reason, per_second)| {
                    let labels = [("problem", reason.as_str())];
                    let totals = pages.iter().filter_map(|page| page.sum(PROBLEMS, &labels));
                    let total = whole(totals.sum());
                    Rejection {
                        reason,
                        per_second,
                        total,
                    }
                });
                rejections.collect()
            });
        unknowns.reading("rejections", rejections, self.at)
    }

    fn latency(&self, measured: &Measured, unknowns: &mut Unknowns) -> Latency {
        let Measured {
            what,
            service,
            histogram,
            labels,
        } = *measured;
        let mut quantile = |share: f64, name: &str| {
            let value = self.window.quantile(service, histogram, labels, share);
            unknowns.reading(format!("latency/{what}/{name}"), value, self.at)
        };
        Latency {
            what,
            p50_seconds: quantile(0.5, "p50"),
            p99_seconds: quantile(0.99, "p99"),
        }
    }
}
