//! Real browsers beside the load: tabs that send while intake is away, and wait for their receipt.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde::{Deserialize, Serialize};
use sportello_stack::folders;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use uuid::Uuid;

use crate::people::numbers::italian_iban;

/// Citizens of the identity provider for development.
const CITIZENS: [&str; 7] = [
    "RNLMRT84C52H501S",
    "BLLLCU79S30F205M",
    "DMCGLI91L44F839Z",
    "FOXNCL68A09L219I",
    "BNLSHA95E61Z330Z",
    "DSNPTR00B29D612J",
    "BRNLNE57M57A952H",
];
/// Deadline until all tabs are at the review.
const PREPARED_WITHIN: Duration = Duration::from_secs(600);
/// How much earlier than allowed a try may seem: the browser's clock has milliseconds.
const TOLERANCE_S: f64 = 0.05;
/// Fewest further tries of which a share says something.
const ENOUGH: usize = 20;
/// Largest share of the further tries in one second.
const LARGEST_SHARE: f64 = 0.3;

/// What the browser's program fills in.
#[derive(Debug, Serialize)]
struct Order {
    portal: String,
    citizens: Vec<Citizen>,
    deadline_s: u64,
}

/// A citizen may have several tabs: with another account each is another application.
#[derive(Debug, Serialize)]
struct Citizen {
    tax_code: &'static str,
    iban: String,
}

/// What one tab sent and got.
#[derive(Debug, Clone, Deserialize)]
pub struct Tab {
    /// The number on its receipt.
    pub receipt: Option<Uuid>,
    /// What it sent, in order.
    pub tries: Vec<Try>,
}

/// A request of a tab. Times are seconds since the click.
#[derive(Debug, Clone, Deserialize)]
pub struct Try {
    key: Option<String>,
    sent_s: f64,
    /// None where the connection brought no answer.
    status: Option<u16>,
    answered_s: Option<f64>,
    retry_after_s: f64,
}

/// The tabs of a browser, all of them ready to send.
pub struct Tabs {
    process: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Tabs {
    /// Opens the tabs, and returns when a citizen is signed in at the review in each. A tab waits
    /// for its receipt, for at most `deadline`.
    ///
    /// # Errors
    /// Node or Chromium is missing, or a tab does not get so far.
    pub async fn open(portal: String, count: u16, deadline: Duration) -> anyhow::Result<Self> {
        let web = folders::workspace().join("services/portal/web");
        let mut process = Command::new("node")
            .arg("tests/browser/tabs.mjs")
            .current_dir(web)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("node does not start: is it installed?")?;
        let input = process.stdin.take().context("the tabs have no input")?;
        let output = process.stdout.take().context("the tabs have no output")?;
        let mut tabs = Self {
            process,
            input,
            output: BufReader::new(output).lines(),
        };
        let order = Order {
            portal,
            citizens: (0..count).map(Citizen::of).collect(),
            deadline_s: deadline.as_secs(),
        };
        tabs.tell(&serde_json::to_string(&order)?).await?;
        let ready = tokio::time::timeout(PREPARED_WITHIN, tabs.line()).await;
        ensure!(
            ready.context("the tabs are not ready")?? == "ready",
            "the tabs are not ready"
        );
        Ok(tabs)
    }

    /// Clicks "send" in each tab, and returns when each has its receipt or has waited too long.
    ///
    /// # Errors
    /// The browser ended.
    pub async fn send(mut self) -> anyhow::Result<Vec<Tab>> {
        self.tell("send").await?;
        let tabs = serde_json::from_str(&self.line().await?)?;
        drop(self.input);
        self.process.wait().await?;
        Ok(tabs)
    }

    async fn tell(&mut self, line: &str) -> anyhow::Result<()> {
        let line = format!("{line}\n");
        self.input.write_all(line.as_bytes()).await?;
        Ok(self.input.flush().await?)
    }

    async fn line(&mut self) -> anyhow::Result<String> {
        let line = self.output.next_line().await?;
        line.context("the browser ended: its error is above")
    }
}

impl Citizen {
    fn of(tab: u16) -> Self {
        let index = usize::from(tab);
        Self {
            tax_code: CITIZENS[index % CITIZENS.len()],
            iban: italian_iban(u64::from(tab)),
        }
    }
}

impl Tab {
    /// Returns whether it got its receipt for one application, sent under one key.
    #[must_use]
    pub fn has_one_receipt(&self) -> bool {
        let keys: BTreeSet<_> = self.tries.iter().map(|attempt| &attempt.key).collect();
        let accepted = self.tries.iter().filter(|attempt| attempt.status == Some(202));
        self.receipt.is_some() && keys.len() == 1 && accepted.count() == 1
    }

    /// Returns how many tries came before the `Retry-After` of the answer before them was over.
    #[must_use]
    pub fn too_early(&self) -> usize {
        let pairs = self.tries.iter().zip(self.tries.iter().skip(1));
        let is_early = |(before, now): &(&Try, &Try)| {
            let answered = before.answered_s.unwrap_or(before.sent_s);
            now.sent_s < answered + before.retry_after_s - TOLERANCE_S
        };
        pairs.filter(is_early).count()
    }
}

/// Returns how many further tries there were in the fullest second of them, and how many in all.
/// The first tries are the people's.
#[must_use]
pub fn fullest_second(tabs: &[Tab]) -> (usize, usize) {
    let mut seconds: BTreeMap<u64, usize> = BTreeMap::new();
    for attempt in tabs.iter().flat_map(|tab| tab.tries.iter().skip(1)) {
        // a try is after the click
        let second = Duration::from_secs_f64(attempt.sent_s.max(0.0)).as_secs();
        *seconds.entry(second).or_default() += 1;
    }
    let fullest = seconds.values().copied().max().unwrap_or_default();
    (fullest, seconds.values().sum())
}

/// Returns whether the further tries are spread: enough of them, and not too many in one second.
#[must_use]
pub fn are_spread(tabs: &[Tab]) -> bool {
    let (fullest, all) = fullest_second(tabs);
    let exact = |count: usize| u32::try_from(count).map_or(f64::MAX, f64::from);
    all < ENOUGH || exact(fullest) <= exact(all) * LARGEST_SHARE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(key: &str, sent_s: f64, status: u16, retry_after_s: f64) -> Try {
        Try {
            key: Some(key.to_owned()),
            sent_s,
            status: Some(status),
            answered_s: Some(sent_s + 0.1),
            retry_after_s,
        }
    }

    fn tab(tries: Vec<Try>) -> Tab {
        Tab {
            receipt: Some(Uuid::nil()),
            tries,
        }
    }

    #[test]
    fn a_tab_has_one_receipt_if_it_sent_one_application() {
        let good = tab(vec![attempt("a", 0.0, 503, 5.0), attempt("a", 5.2, 202, 0.0)]);
        assert!(good.has_one_receipt());
        assert_eq!(good.too_early(), 0);
        let other_key = tab(vec![attempt("a", 0.0, 503, 5.0), attempt("b", 9.0, 202, 0.0)]);
        assert!(!other_key.has_one_receipt());
        let twice = tab(vec![attempt("a", 0.0, 202, 0.0), attempt("a", 9.0, 202, 0.0)]);
        assert!(!twice.has_one_receipt());
        assert!(!tab(vec![attempt("a", 0.0, 503, 5.0)]).has_one_receipt());
    }

    #[test]
    fn a_try_before_its_time_is_counted() {
        let hasty = tab(vec![
            attempt("a", 0.0, 503, 5.0),
            attempt("a", 4.9, 503, 5.0),
            attempt("a", 20.0, 202, 0.0),
        ]);
        assert_eq!(hasty.too_early(), 1);
    }

    #[test]
    fn tries_in_one_second_are_not_spread() {
        let at = |sent_s| tab(vec![attempt("a", 0.0, 503, 5.0), attempt("a", sent_s, 202, 0.0)]);
        let together: Vec<Tab> = (0..20).map(|_| at(6.5)).collect();
        assert_eq!(fullest_second(&together), (20, 20));
        assert!(!are_spread(&together));
        let apart: Vec<Tab> = (0..20).map(|tab| at(f64::from(tab))).collect();
        assert!(are_spread(&apart));
    }
}
