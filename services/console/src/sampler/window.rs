//! What was scraped in the last ten seconds, and what follows from it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use super::target::Service;
use crate::exposition::{Sample, Samples};

/// Ticks that are kept: rates and quantiles are of the last ten seconds.
const TICKS: usize = 11;

/// The scrapes of all processes at one instant.
pub(crate) struct Tick {
    pub(crate) at: Instant,
    pub(crate) scrapes: Vec<Scrape>,
}

/// The answer of one process.
#[derive(Debug, Clone)]
pub(crate) struct Scrape {
    pub(crate) service: Service,
    pub(crate) address: Arc<str>,
    pub(crate) answer: Answer,
}

/// What a process answered.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// Its metrics.
    Read(Arc<Samples>),
    /// No process listens there.
    Absent,
    /// It listens and gives no metrics in time.
    Silent,
}

/// The last ticks, the newest last.
#[derive(Default)]
pub(crate) struct Window(VecDeque<Tick>);

impl Window {
    /// Adds a tick, and forgets what is older than the window.
    pub(crate) fn push(&mut self, tick: Tick) {
        while self.0.len() >= TICKS {
            self.0.pop_front();
        }
        self.0.push_back(tick);
    }

    /// Returns the newest scrapes.
    pub(crate) fn newest(&self) -> &[Scrape] {
        self.0.back().map_or(&[], |tick| tick.scrapes.as_slice())
    }

    /// Returns the samples of every process of a service; `None` where one can't be read, or there
    /// is none.
    pub(crate) fn read(&self, service: Service) -> Option<Vec<&Samples>> {
        let scrapes = self.newest().iter().filter(|scrape| scrape.service == service);
        let mut read = Vec::new();
        for scrape in scrapes {
            match &scrape.answer {
                Answer::Read(samples) => read.push(&**samples),
                // workers come and go: one that is not there takes no part
                Answer::Absent if service == Service::Worker => {}
                Answer::Absent | Answer::Silent => return None,
            }
        }
        (service == Service::Worker || !read.is_empty()).then_some(read)
    }

    /// Returns how much a counter rises a second, over all processes of a service; `None` where one
    /// can't be read, or nothing is known of before.
    pub(crate) fn rate(&self, service: Service, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let all = self.rates(service, name, |sample| sample.has(labels).then_some(()))?;
        // nothing at all sums to -0.0
        Some(all.into_values().sum::<f64>() + 0.0)
    }

    /// Returns the largest value of a gauge in the window, over all processes of a service; 0 where
    /// it has none, `None` where a process can't be read.
    pub(crate) fn most(&self, service: Service, name: &str) -> Option<f64> {
        self.read(service)?;
        let scrapes = self.0.iter().flat_map(|tick| &tick.scrapes);
        let values = scrapes
            .filter(|scrape| scrape.service == service)
            .filter_map(|scrape| match &scrape.answer {
                Answer::Read(samples) => samples.sum(name, &[]),
                Answer::Absent | Answer::Silent => None,
            });
        Some(values.fold(0.0, f64::max))
    }

    /// Returns how much a counter rises a second, by the value of a label.
    pub(crate) fn rates_by(
        &self,
        service: Service,
        name: &str,
        label: &str,
    ) -> Option<BTreeMap<String, f64>> {
        self.rates(service, name, |sample| sample.label(label).map(str::to_owned))
    }

    /// Returns how many processes of a service raised a counter; `None` where one can't be read.
    pub(crate) fn risen(&self, service: Service, name: &str) -> Option<u16> {
        self.read(service)?;
        let scrapes = self.newest().iter().filter(|scrape| scrape.service == service);
        let spans = scrapes.filter_map(|scrape| self.span(&scrape.address));
        let risen = spans.filter(|span| {
            span.new
                .of(name)
                .iter()
                .any(|sample| span.rise(name, sample) > 0.0)
        });
        u16::try_from(risen.count()).ok()
    }

    fn rates<K: Ord>(
        &self,
        service: Service,
        name: &str,
        key: impl Fn(&Sample) -> Option<K>,
    ) -> Option<BTreeMap<K, f64>> {
        self.read(service)?;
        let mut rates = BTreeMap::new();
        let mut is_known = false;
        for scrape in self.newest().iter().filter(|scrape| scrape.service == service) {
            let Some(span) = self.span(&scrape.address) else {
                continue;
            };
            is_known = true;
            for sample in span.new.of(name) {
                if let Some(key) = key(sample) {
                    *rates.entry(key).or_insert(0.0) += span.rise(name, sample) / span.seconds;
                }
            }
        }
        (is_known || service == Service::Worker).then_some(rates)
    }

    /// Returns the value within which this share of a histogram's values of the last ten seconds
    /// lie, over all processes of a service; `None` without any value.
    pub(crate) fn quantile(
        &self,
        service: Service,
        histogram: &str,
        labels: &[(&str, &str)],
        share: f64,
    ) -> Option<f64> {
        let name = format!("{histogram}_bucket");
        let buckets = self.rates(service, &name, |sample| {
            let bound: f64 = sample.label("le")?.parse().ok()?;
            sample.has(labels).then_some(Bound(bound))
        })?;
        quantile(&buckets, share)
    }

    /// Returns the newest samples of a process with the oldest that were read without a gap.
    fn span(&self, address: &str) -> Option<Span<'_>> {
        let mut read = self.0.iter().rev().map_while(|tick| {
            let mut scrapes = tick.scrapes.iter();
            let scrape = scrapes.find(|scrape| &*scrape.address == address)?;
            match &scrape.answer {
                Answer::Read(samples) => Some((tick.at, &**samples)),
                Answer::Absent | Answer::Silent => None,
            }
        });
        let (at, new) = read.next()?;
        let (since, old) = read.last()?;
        let seconds = at.duration_since(since).as_secs_f64();
        (seconds > 0.0).then_some(Span { new, old, seconds })
    }
}

/// Two readings of one process.
struct Span<'a> {
    new: &'a Samples,
    old: &'a Samples,
    seconds: f64,
}

impl Span<'_> {
    /// Returns how much a counter rose. One that fell began anew with its process.
    fn rise(&self, name: &str, sample: &Sample) -> f64 {
        let before = self.old.of(name).iter().find(|old| old.is_same(sample));
        let before = before.map_or(0.0, |old| old.value);
        if sample.value < before {
            sample.value
        } else {
            sample.value - before
        }
    }
}

/// The upper bound of a bucket.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Bound(f64);

impl Eq for Bound {}

impl PartialOrd for Bound {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Bound {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// Returns a quantile of cumulative buckets, between the bounds in proportion, as Prometheus does.
fn quantile(buckets: &BTreeMap<Bound, f64>, share: f64) -> Option<f64> {
    let total = *buckets.values().last()?;
    let rank = total * share;
    let (mut lower, mut below) = (0.0, 0.0);
    for (bound, reached) in buckets {
        if *reached >= rank && *reached > below {
            // beyond the last bound nothing is known but that bound
            let upper = if bound.0.is_finite() { bound.0 } else { lower };
            return Some(lower + (upper - lower) * ((rank - below) / (reached - below)));
        }
        (lower, below) = (bound.0, *reached);
    }
    None
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const NAME: &str = "things_total";

    struct Clock(Instant, u64);

    impl Clock {
        fn tick(&mut self, window: &mut Window, pages: &[(Service, Option<&str>)]) {
            self.1 += 1;
            let scrapes = pages.iter().enumerate().map(|(index, (service, page))| Scrape {
                service: *service,
                address: index.to_string().into(),
                answer: page.map_or(Answer::Silent, |page| {
                    Answer::Read(Arc::new(Samples::parse(page).unwrap()))
                }),
            });
            window.push(Tick {
                at: self.0 + Duration::from_secs(self.1),
                scrapes: scrapes.collect(),
            });
        }
    }

    fn ticked(ticks: &[&[(Service, Option<&str>)]]) -> Window {
        let (mut window, mut clock) = (Window::default(), Clock(Instant::now(), 0));
        for tick in ticks {
            clock.tick(&mut window, tick);
        }
        window
    }

    #[test]
    fn a_rate_is_the_rise_over_all_processes() {
        use Service::Intake;
        let window = ticked(&[
            &[(Intake, Some("things_total 10")), (Intake, Some("other 1"))],
            &[
                (Intake, Some("things_total 30")),
                (Intake, Some("things_total 4")),
            ],
        ]);
        assert_eq!(window.rate(Intake, NAME, &[]), Some(24.0));
        // a counter of which nothing happened yet is not on the page
        let never = window.rate(Intake, "never_total", &[]).unwrap();
        assert!(never == 0.0 && never.is_sign_positive());
    }

    #[test]
    fn a_rate_is_unknown_while_one_process_is_silent_or_nothing_is_known_of_before() {
        use Service::Intake;
        let once = ticked(&[&[(Intake, Some("things_total 10"))]]);
        assert_eq!(once.rate(Intake, NAME, &[]), None);
        let page = Some("things_total 10");
        let silent = ticked(&[
            &[(Intake, page), (Intake, page)],
            &[(Intake, page), (Intake, None)],
        ]);
        assert_eq!(silent.rate(Intake, NAME, &[]), None);
        assert_eq!(silent.rate(Service::Status, NAME, &[]), None);
    }

    #[test]
    fn a_counter_that_begins_anew_does_not_fall() {
        use Service::Intake;
        let window = ticked(&[
            &[(Intake, Some("things_total 1000"))],
            &[(Intake, Some("things_total 5"))],
        ]);
        assert_eq!(window.rate(Intake, NAME, &[]), Some(5.0));
    }

    #[test]
    fn a_quantile_is_of_the_last_seconds_alone() {
        use Service::Intake;
        let before = "d_bucket{le=\"0.1\"} 1000\nd_bucket{le=\"1\"} 1000\nd_bucket{le=\"+Inf\"} 1000";
        let after = "d_bucket{le=\"0.1\"} 1050\nd_bucket{le=\"1\"} 1100\nd_bucket{le=\"+Inf\"} 1100";
        let window = ticked(&[&[(Intake, Some(before))], &[(Intake, Some(after))]]);
        let quantile = |share| window.quantile(Intake, "d", &[], share).unwrap();
        assert!((quantile(0.5) - 0.1).abs() < 1e-9);
        assert!((quantile(0.99) - 0.982).abs() < 1e-9);
        let still = ticked(&[&[(Intake, Some(after))], &[(Intake, Some(after))]]);
        assert_eq!(still.quantile(Intake, "d", &[], 0.5), None);
    }
}
