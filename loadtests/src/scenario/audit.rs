//! Compares everything with the answers, once it is settled: ledger, register, receipts and status.

use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use futures_util::TryStreamExt as _;
use jsonwebtoken::jwk::JwkSet;
use reqwest::{Client, StatusCode, redirect};
use sportello_stack::{Part, System};

use super::receipts::{self, Accepted, Checked};
use super::requests::{organisation, stranger};
use super::tabs::Tab;
use crate::people::applications::Applications;
use crate::people::mix::Kind;
use crate::proof::answer::Answer;
use crate::proof::ledger::{Ledger, Line};
use crate::proof::reconcile::{Finding, Reconciler};
use crate::proof::register;
use crate::scenario::run_report::Sums;
use crate::system::backlog::{self, Backlog};

/// Applications whose status is checked.
const ASKED: usize = 200;
/// Receipts sent to a checking thread together.
const TOGETHER: usize = 256;
const CHECKERS: usize = 2;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);
const ALL: std::ops::Range<u64> = 0..u64::MAX;

/// The result of an audit.
#[derive(Debug)]
pub struct Audit {
    /// The figures.
    pub sums: Sums,
    /// The findings.
    pub findings: Vec<Finding>,
    /// Applications of tabs that are not registered exactly once.
    pub tabs_not_once: u64,
}

/// The end of the backlog.
#[derive(Debug, Clone, Copy)]
pub struct Settled {
    /// When the register held all; none if the deadline passed before.
    pub at: Option<Instant>,
    /// Messages left in the broker.
    pub backlog: Backlog,
}

/// Waits until the register holds this many applications, and then until nothing is queued, or the
/// deadline passes.
///
/// # Errors
/// A query of the register or the broker fails.
pub async fn settled(system: &mut System, accepted: u64, deadline: Duration) -> anyhow::Result<Settled> {
    let begun = Instant::now();
    let mut database = register::connect(&system.database_url()).await?;
    let mut at = None;
    while at.is_none() && begun.elapsed() < deadline {
        // the numbers may be a few too high: the rows decide
        if register::numbers_given(&mut database).await? >= accepted {
            let now = Instant::now();
            at = (register::count(&mut database).await? >= accepted).then_some(now);
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    let metrics = system.rabbitmq().metrics_url();
    loop {
        let backlog = backlog::backlog(&metrics).await?;
        if backlog.queued == 0 || begun.elapsed() >= deadline {
            return Ok(Settled { at, backlog });
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

/// Compares the ledger with everything else; `set_aside` messages are dead letters, and so many
/// applications were taken out of a queue on purpose. The tabs have receipts that the ledger does
/// not know.
///
/// # Errors
/// Ledger, register, keys or status can't be read.
pub async fn audit(
    system: &System,
    ledger: &Ledger,
    applications: &Applications,
    (set_aside, taken): (u64, u64),
    tabs: &[Tab],
) -> anyhow::Result<Audit> {
    let keys = receipt_keys(system).await?;
    let mut reconciler = Reconciler::new(applications);
    for receipt in tabs.iter().filter_map(|tab| tab.receipt) {
        reconciler.beside(receipt);
    }
    let (receipts, sample) = read_ledger(ledger, &keys, &mut reconciler)?;
    let mut database = register::connect(&system.database_url()).await?;
    {
        let mut rows = std::pin::pin!(register::each_row(&mut database));
        while let Some(row) = rows.try_next().await? {
            reconciler.row(&row);
        }
    }
    let reconciliation = reconciler.finish();
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let found = |is: fn(&Finding) -> bool| count(reconciliation.findings.iter().filter(|f| is(f)).count());
    let missing = found(|finding| matches!(finding, Finding::Lost { .. }));
    let twice = found(|finding| matches!(finding, Finding::Twice { .. }));
    let statuses_bad = statuses_bad(system, applications, &sample).await?;
    let sums = Sums {
        attempted: count(reconciliation.attempted(&ALL)),
        accepted: count(reconciliation.accepted(&ALL)),
        registered: count(reconciliation.registered(&ALL)),
        dead_lettered: set_aside,
        taken: taken.min(missing.saturating_sub(set_aside)),
        lost: missing.saturating_sub(set_aside + taken),
        twice,
        other_findings: count(reconciliation.findings.len()) - missing - twice,
        receipts_checked: receipts.checked,
        receipts_bad: receipts.bad,
        statuses_checked: count(sample.len()),
        statuses_bad,
    };
    Ok(Audit {
        sums,
        tabs_not_once: count(reconciliation.besides_not_once),
        findings: reconciliation.findings,
    })
}

/// Reads the ledger once: for the comparison, to check receipts on other threads, and for a sample
/// of accepted applications.
fn read_ledger(
    ledger: &Ledger,
    keys: &JwkSet,
    reconciler: &mut Reconciler<'_>,
) -> anyhow::Result<(Checked, Vec<Accepted>)> {
    std::thread::scope(|scope| {
        let (mut senders, mut checkers) = (Vec::new(), Vec::new());
        for _ in 0..CHECKERS {
            let (sender, receiver) = sync_channel(8);
            senders.push(sender);
            checkers.push(scope.spawn(move || receipts::check(keys, &receiver)));
        }
        let (mut seen, mut together, mut sample) = (0_usize, Vec::new(), Vec::new());
        for line in ledger.lines()? {
            let line = line?;
            reconciler.line(&line);
            let Some(accepted) = accepted(line) else { continue };
            keep_some(&mut sample, seen, &accepted);
            seen += 1;
            together.push(accepted);
            if together.len() == TOGETHER {
                // a panic of a checker is reported below
                let _ = senders[seen / TOGETHER % CHECKERS].send(std::mem::take(&mut together));
            }
        }
        let _ = senders[0].send(together);
        drop(senders);
        let mut all = Checked::default();
        for checker in checkers {
            let checked = checker
                .join()
                .map_err(|_| anyhow::anyhow!("a check of receipts panicked"))?;
            all.checked += checked.checked;
            all.bad += checked.bad;
        }
        Ok((all, sample))
    })
}

fn accepted(line: Line) -> Option<Accepted> {
    match line {
        Line::Answered {
            attempt,
            answer: Answer::Accepted { id, received_at },
            receipt,
            ..
        } => Some(Accepted {
            number: attempt.application,
            id,
            received_at,
            receipt,
        }),
        Line::Sent { .. } | Line::Answered { .. } | Line::GivenUp { .. } => None,
    }
}

/// Keeps each application with equal probability (reservoir sampling).
fn keep_some(sample: &mut Vec<Accepted>, seen: usize, accepted: &Accepted) {
    if sample.len() < ASKED {
        sample.push(accepted.clone());
        return;
    }
    let place = rand::random_range(0..=seen);
    if let Some(kept) = sample.get_mut(place) {
        *kept = accepted.clone();
    }
}

async fn receipt_keys(system: &System) -> anyhow::Result<JwkSet> {
    let url = system.url(Part::Intake).context("intake has no address")? + "/.well-known/jwks.json";
    let keys = Client::builder().no_proxy().build()?.get(url).send().await?;
    Ok(keys.error_for_status()?.json().await?)
}

/// Returns how many of these their holder can't read, or another person can.
async fn statuses_bad(
    system: &System,
    applications: &Applications,
    sample: &[Accepted],
) -> anyhow::Result<u64> {
    let status = system.url(Part::Status).context("status has no address")?;
    let client = Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .build()?;
    let mint = applications.mint();
    let mut bad = 0;
    for accepted in sample {
        let holder = match applications.kind(accepted.number) {
            Kind::Intermediary => mint.organisation_token(&organisation(accepted.number)?)?,
            Kind::Citizen | Kind::Duplicate { .. } | Kind::Invalid(_) => {
                mint.token(&applications.person(accepted.number))?
            }
        };
        let other = mint.token(&stranger(applications, accepted.number))?;
        let url = format!("{status}/v1/applications/{}/status", accepted.id);
        let ask = async |token: String| {
            let request = client
                .get(&url)
                .bearer_auth(token)
                .header("Receipt", &accepted.receipt);
            anyhow::Ok(request.send().await?.status())
        };
        let readable = matches!(ask(holder).await?, StatusCode::OK | StatusCode::SEE_OTHER);
        let hidden = ask(other).await? == StatusCode::NOT_FOUND;
        bad += u64::from(!(readable && hidden));
    }
    Ok(bad)
}
