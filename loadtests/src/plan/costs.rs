//! What an application costs: the figures of `limits` and of `register`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::limits::Contender;
use crate::page::units::figure;
use crate::register::report::RegisterReport;
use crate::system::made::Made;

const LIMITS: &str = include_str!("../../samples/limits.json");
const REGISTER: &str = include_str!("../../samples/register.json");

/// Applications that intake packs into a message while `limits` keeps 64 requests in flight
/// (docs/notes/2026-11-28-three-machines.md).
const PACKED_BY_INTAKE: f64 = 40.0;
/// Applications in a message that `limits` has the worker drain.
const PACKED_FOR_WORKER: f64 = 32.0;

/// What an application costs, in microseconds of processor time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Costs {
    pub(super) intake_us: f64,
    pub(super) publish: BrokerCost,
    pub(super) deliver: BrokerCost,
    pub(super) worker_us: f64,
    /// PostgreSQL's on an empty register.
    pub(super) postgres_us: f64,
    /// Applications that one worker registers a second, on an empty register.
    pub(super) worker_per_second: f64,
    /// Share of the cores that was busy while the system set the pace.
    pub(super) busy: f64,
    pub(super) made: Made,
}

/// What the broker spends. Its part grows with messages, and it has work to do even for few: it
/// writes its log and acknowledges in smaller groups the less there is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct BrokerCost {
    /// Cores for all but messages, up to `applications` a second. More take more in proportion.
    pub(super) base_cores: f64,
    pub(super) message_us: f64,
    pub(super) applications: f64,
}

/// The file of `limits`.
#[derive(Debug, Deserialize)]
struct Limits {
    made: Made,
    contenders: Vec<Figures>,
}

#[derive(Debug, Deserialize)]
struct Figures {
    contender: Contender,
    median: f64,
    cpu_us: BTreeMap<String, f64>,
}

impl Figures {
    /// Returns how many cores were busy.
    fn cores(&self) -> f64 {
        self.median * self.cpu_us.values().sum::<f64>() / 1e6
    }
}

impl Costs {
    /// Reads a file of `limits`; without one, the committed sample.
    pub(super) fn read(file: Option<&Path>) -> anyhow::Result<Self> {
        let limits: Limits = read(file, LIMITS, "loadtests limits --json FILE")?;
        let of = |contender: Contender| {
            let found = limits.contenders.iter().find(|one| one.contender == contender);
            found.with_context(|| {
                format!("the file has no figures of `{contender}`: run `loadtests limits` without --only")
            })
        };
        let us = |contender: Contender, process: &str| {
            let us = of(contender)?.cpu_us.get(process).copied();
            let us = us.filter(|us| us.is_finite() && *us >= 0.0);
            us.with_context(|| format!("`{contender}` has no processor time of `{process}` in the file"))
        };
        let broker = |contender: Contender| {
            anyhow::Ok(Load {
                per_second: of(contender)?.median,
                us: us(contender, "rabbitmq")?,
            })
        };
        let worker_per_second = of(Contender::Worker)?.median;
        ensure!(
            worker_per_second.is_finite() && worker_per_second > 0.0,
            "`worker` has no speed in the file"
        );
        let cores = limits.made.cores as f64;
        ensure!(
            cores >= 1.0,
            "the file does not say how many cores the machine had"
        );
        Ok(Self {
            intake_us: us(Contender::Intake, "contender")?,
            publish: BrokerCost::of(
                broker(Contender::Naive)?,
                broker(Contender::Intake)?,
                PACKED_BY_INTAKE,
            )
            .context("publishing, by `naive` and `intake`")?,
            deliver: BrokerCost::of(
                broker(Contender::BareWorker)?,
                broker(Contender::Worker)?,
                PACKED_FOR_WORKER,
            )
            .context("delivering, by `bare-worker` and `worker`")?,
            worker_us: us(Contender::Worker, "contender")?,
            postgres_us: us(Contender::Worker, "postgres")?,
            worker_per_second,
            // intake alone waits for confirms; beside workers somebody has always work
            busy: (of(Contender::Intake)?.cores().max(of(Contender::Worker)?.cores()) / cores).min(1.0),
            made: limits.made,
        })
    }
}

impl BrokerCost {
    /// Finds the line through two measurements: each application in a message of its own, and
    /// `packed` in each.
    fn of(single: Load, shared: Load, packed: f64) -> anyhow::Result<Self> {
        let messages = shared.per_second / packed;
        ensure!(
            single.cores() > shared.cores() && single.per_second > messages,
            "{} applications a second in messages of their own cost the broker {:.2} cores, and {} in shared \
             messages {:.2}: run `loadtests limits` again on a quiet machine",
            figure(single.per_second),
            single.cores(),
            figure(shared.per_second),
            shared.cores(),
        );
        let each = (single.cores() - shared.cores()) / (single.per_second - messages);
        // what messages cost may be all
        let each = each.min(shared.cores() / messages);
        Ok(Self {
            base_cores: shared.cores() - each * messages,
            message_us: each * 1e6,
            applications: shared.per_second,
        })
    }

    /// Returns the cores for so many applications a second in so many messages.
    pub(super) fn cores(self, applications: f64, messages: f64) -> f64 {
        let base = self.base_cores * (applications / self.applications).max(1.0);
        base + messages * self.message_us / 1e6
    }
}

/// The broker's part of a measurement.
#[derive(Debug, Clone, Copy)]
struct Load {
    /// Applications.
    per_second: f64,
    /// Microseconds of processor time of each.
    us: f64,
}

impl Load {
    fn cores(self) -> f64 {
        self.per_second * self.us / 1e6
    }
}

/// How the register's costs and sizes grow.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Growth {
    /// Rows, and PostgreSQL's cost there over that on an empty register.
    cost: Vec<(f64, f64)>,
    log_bytes: Vec<(f64, f64)>,
    /// Of a row of the largest register measured.
    pub(super) bytes_each: f64,
    pub(super) index_bytes_each: f64,
    pub(super) message_bytes: f64,
    pub(super) most_rows: f64,
    pub(super) made: Made,
}

impl Growth {
    /// Reads a file of `register`; without one, the committed sample.
    pub(super) fn read(file: Option<&Path>) -> anyhow::Result<Self> {
        let report: RegisterReport = read(file, REGISTER, "loadtests register --json FILE")?;
        Self::of(report).with_context(|| match file {
            Some(file) => format!("{} can't be used", file.display()),
            None => "the committed sample can't be used".to_owned(),
        })
    }

    fn of(report: RegisterReport) -> anyhow::Result<Self> {
        let (Some(first), Some(largest)) = (report.fills.first(), report.fills.last()) else {
            anyhow::bail!("it has no register");
        };
        ensure!(
            report.fills.is_sorted_by(|one, next| one.rows < next.rows) && largest.rows > 0,
            "its registers must grow, and the last one must have rows"
        );
        let empty_us = first.registering.postgres_us;
        ensure!(empty_us > 0.0, "PostgreSQL cost nothing on its first register");
        let points = |of: &dyn Fn(&crate::register::report::Registering) -> f64| {
            let each = report.fills.iter();
            each.map(|fill| (fill.rows as f64, of(&fill.registering)))
                .collect::<Vec<_>>()
        };
        let rows = largest.rows as f64;
        Ok(Self {
            cost: points(&|registering| registering.postgres_us / empty_us),
            log_bytes: points(&|registering| registering.log_bytes),
            bytes_each: largest.bytes(false) as f64 / rows,
            index_bytes_each: largest.bytes(true) as f64 / rows,
            message_bytes: report.message_bytes,
            most_rows: rows,
            made: report.made,
        })
    }

    /// Returns PostgreSQL's cost of an application on a register of so many rows, over that on an
    /// empty one. Between measured sizes it is on the line between them; beyond the largest it goes
    /// on along the last line.
    pub(super) fn cost(&self, rows: f64) -> f64 {
        on_line(&self.cost, rows).max(1.0)
    }

    /// Returns its mean while the register grows.
    pub(super) fn mean_cost(&self, from_rows: f64, to_rows: f64) -> f64 {
        const PARTS: u32 = 100;
        let part = |part| from_rows + (to_rows - from_rows) * (f64::from(part) + 0.5) / f64::from(PARTS);
        (0..PARTS).map(|number| self.cost(part(number))).sum::<f64>() / f64::from(PARTS)
    }

    /// Returns bytes of write-ahead log for an application, right after a checkpoint.
    pub(super) fn log_bytes(&self, rows: f64) -> f64 {
        on_line(&self.log_bytes, rows).max(0.0)
    }
}

/// Returns the value at `x` of the lines through points that ascend.
fn on_line(points: &[(f64, f64)], x: f64) -> f64 {
    let after = points.partition_point(|(at, _)| *at < x);
    let end = after.clamp(1, points.len().saturating_sub(1).max(1));
    match (points.get(end - 1), points.get(end)) {
        (Some((x0, y0)), Some((x1, y1))) => y0 + (y1 - y0) * (x - x0) / (x1 - x0),
        (Some((_, y)), None) => *y,
        (None, _) => 0.0,
    }
}

fn read<T: DeserializeOwned>(file: Option<&Path>, sample: &str, made_by: &str) -> anyhow::Result<T> {
    let Some(file) = file else {
        return serde_json::from_str(sample).context("the committed sample can't be read");
    };
    let name = file.display();
    let bytes = fs::read(file).with_context(|| format!("read {name}"))?;
    serde_json::from_slice(&bytes)
        .with_context(|| format!("{name} holds other figures than `{made_by}` writes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cost_of_a_message_follows_from_two_packings() {
        let load = |per_second, us| Load { per_second, us };
        let cost = BrokerCost::of(load(20_000.0, 40.0), load(12_000.0, 15.0), 40.0).unwrap();
        assert!((cost.cores(20_000.0, 20_000.0) - 0.8).abs() < 0.12);
        assert!((cost.cores(12_000.0, 300.0) - 0.18).abs() < 1e-9);
        // few applications still have the base, and many have more of it
        assert!(cost.cores(100.0, 100.0) > 0.17);
        assert!(cost.cores(48_000.0, 300.0) > 3.9 * cost.base_cores);
        let error = BrokerCost::of(load(20_000.0, 9.0), load(20_000.0, 10.0), 40.0);
        let error = error.unwrap_err().to_string();
        assert!(error.contains("quiet machine"), "{error}");
    }

    #[test]
    fn values_between_and_beyond_points_are_on_their_lines() {
        let points = [(0.0, 1.0), (10.0, 2.0), (20.0, 2.5)];
        for (x, y) in [(0.0, 1.0), (5.0, 1.5), (10.0, 2.0), (15.0, 2.25), (40.0, 3.5)] {
            assert!((on_line(&points, x) - y).abs() < 1e-9, "{x}");
        }
        assert!((on_line(&points[..1], 7.0) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn the_samples_can_be_read_and_cost_something() {
        let (costs, growth) = (Costs::read(None).unwrap(), Growth::read(None).unwrap());
        assert!(costs.intake_us > 1.0 && costs.postgres_us > 1.0 && costs.worker_per_second > 1.0);
        assert!(growth.bytes_each > growth.index_bytes_each && growth.index_bytes_each > 0.0);
        assert!(growth.cost(50e6) >= growth.cost(0.0));
        assert!(growth.log_bytes(5e6) > 0.0 && growth.message_bytes > 100.0);
    }

    #[test]
    fn a_file_of_another_kind_is_refused_with_the_command() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("figures.json");
        fs::write(&file, "{}").unwrap();
        let limits = format!("{:#}", Costs::read(Some(&file)).unwrap_err());
        assert!(limits.contains("`loadtests limits --json FILE`"), "{limits}");
        let register = format!("{:#}", Growth::read(Some(&file)).unwrap_err());
        assert!(
            register.contains("`loadtests register --json FILE`"),
            "{register}"
        );
        let missing = Costs::read(Some(&folder.path().join("none.json"))).unwrap_err();
        assert!(missing.to_string().starts_with("read "), "{missing}");
    }

    #[test]
    fn a_contender_that_was_left_out_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("figures.json");
        let mut limits: serde_json::Value = serde_json::from_str(LIMITS).unwrap();
        let contenders = limits["contenders"].as_array_mut().unwrap();
        contenders.retain(|figures| figures["contender"] != "bare-worker");
        fs::write(&file, limits.to_string()).unwrap();
        let error = format!("{:#}", Costs::read(Some(&file)).unwrap_err());
        assert!(error.contains("no figures of `bare-worker`"), "{error}");
    }
}
