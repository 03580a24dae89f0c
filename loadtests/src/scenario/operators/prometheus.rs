//! Debian's Prometheus with the shipped alerts, beside a private system.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use reqwest::Client;
use serde::Deserialize;
use sportello_stack::{Health, Part, Process, Spec, folders, ports};

use crate::system::private_system::PrivateSystem;

const READY_WITHIN: Duration = Duration::from_secs(60);
const WITHIN: Duration = Duration::from_millis(500);
/// The alert of a proven loss.
const LOST: &str = "LedgerLost";

/// A Prometheus that scrapes as often as the shipped configuration says.
#[derive(Debug)]
pub struct Prometheus {
    process: Process,
    alerts: Alerts,
}

/// The alerts of a Prometheus.
#[derive(Debug, Clone)]
pub struct Alerts {
    client: Client,
    url: String,
}

#[derive(Debug, Deserialize)]
struct Answer {
    data: Data,
}

#[derive(Debug, Deserialize)]
struct Data {
    alerts: Vec<Alert>,
}

#[derive(Debug, Deserialize)]
struct Alert {
    labels: Labels,
    state: String,
}

#[derive(Debug, Deserialize)]
struct Labels {
    alertname: String,
}

impl Prometheus {
    /// Starts it in the system's folder.
    ///
    /// # Errors
    /// The package `prometheus` is missing, or it does not come up.
    pub async fn start(system: &PrivateSystem) -> anyhow::Result<Self> {
        let folder = system.folder().join("prometheus");
        folders::create(&folder)?;
        let config = folder.join("prometheus.yml");
        std::fs::write(&config, configuration(system)?).context("write prometheus.yml")?;
        let port = ports::free_port()?;
        let process = Process::new(
            "prometheus",
            folder.join("prometheus.pid"),
            folder.join("prometheus.log"),
        );
        let argument = |name: &str, value: String| format!("--{name}={value}");
        let spec = Spec::new("prometheus")
            .arg(argument("config.file", config.display().to_string()))
            .arg(argument(
                "storage.tsdb.path",
                folder.join("data").display().to_string(),
            ))
            .arg(argument("web.listen-address", format!("127.0.0.1:{port}")));
        process.start(&spec).await.context("start Debian's prometheus")?;
        let url = format!("http://127.0.0.1:{port}");
        let (health, ready) = (Health::new(), format!("{url}/-/ready"));
        let client = Client::builder().no_proxy().build()?;
        // from here on a failure ends it
        let prometheus = Self {
            process,
            alerts: Alerts { client, url },
        };
        let is_ready = || health.is_well(&ready);
        prometheus.process.wait_ready(READY_WITHIN, is_ready).await?;
        Ok(prometheus)
    }

    /// Returns its alerts, to look at them on another thread.
    #[must_use]
    pub fn alerts(&self) -> Alerts {
        self.alerts.clone()
    }
}

impl Alerts {
    /// Returns whether the alert of a loss fires; `None` without an answer.
    pub async fn fires(&self) -> Option<bool> {
        let request = self.client.get(format!("{}/api/v1/alerts", self.url));
        let answer = request.timeout(WITHIN).send().await.ok()?;
        let answer: Answer = answer.json().await.ok()?;
        let mut alerts = answer.data.alerts.iter();
        Some(alerts.any(|alert| alert.labels.alertname == LOST && alert.state == "firing"))
    }
}

/// Returns a configuration with the shipped interval and alerts, and this system's addresses.
fn configuration(system: &PrivateSystem) -> anyhow::Result<String> {
    let shipped: PathBuf = folders::workspace().join("deploy/observability");
    let text =
        std::fs::read_to_string(shipped.join("prometheus.yml")).context("the shipped configuration")?;
    // those of all jobs; a job's own are deeper
    let is_of_all = |line: &&str| line.contains("_interval:") && !line.starts_with("    ");
    let intervals = text.lines().filter(is_of_all);
    let intervals: String = intervals.flat_map(|line| [line, "\n"]).collect();
    let rules = shipped.join("alerts.yml");
    let mut config = format!(
        "global:\n{intervals}rule_files: [\"{}\"]\nscrape_configs:\n",
        rules.display()
    );
    for (job, part) in [
        ("intake", Part::Intake),
        ("worker", Part::Worker(1)),
        ("console", Part::Console),
    ] {
        let address = system.internal_url(part).context("a service has no address")?;
        let address = address.trim_start_matches("http://");
        // writing to a string does not fail
        let _ = writeln!(
            config,
            "  - job_name: {job}\n    static_configs: [{{ targets: [\"{address}\"] }}]"
        );
    }
    Ok(config)
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        // it ends with the run; the folder is removed by the system
        if let Some(identity) = self.process.identity() {
            let _ = nix::sys::signal::kill(identity.pid(), nix::sys::signal::Signal::SIGKILL);
        }
    }
}
