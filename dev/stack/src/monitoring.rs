//! Prometheus and Alertmanager with the shipped configuration, rules and routes, beside a system.
//!
//! Durations of alerts are minutes and hours. A [`Pace`] shortens them in the rules, so that a test
//! with real faults takes minutes: the same expressions are evaluated, over shorter windows.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use reqwest::{Client, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::pace::Pace;
use crate::wait::until;
use crate::{Error, Part, Result, System, folders, ports, wait};

const STARTS_WITHIN: Duration = Duration::from_secs(60);
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);
/// Where Debian's packages put the programs.
const FOLDERS: [&str; 2] = ["/usr/bin", "/usr/local/bin"];
const EXPORTER: &str = "prometheus-postgres-exporter";

/// Prometheus, Alertmanager and, where it is installed, the exporter of PostgreSQL. They end when
/// dropped.
#[derive(Debug)]
pub struct Monitoring {
    prometheus: Server,
    alertmanager: Server,
    _exporter: Option<Server>,
    client: Client,
}

/// An alert that fires at Alertmanager.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Firing {
    /// Its labels, the name among them.
    pub labels: BTreeMap<String, String>,
    /// What people read.
    pub annotations: BTreeMap<String, String>,
}

/// A rule as Prometheus loaded it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Rule {
    /// The alert's name, or that of the recorded series.
    pub name: String,
    /// Its expression.
    pub query: String,
    /// `alerting` or `recording`.
    #[serde(rename = "type")]
    pub kind: String,
}

#[derive(Debug)]
struct Server {
    process: Child,
    port: u16,
}

#[derive(Deserialize)]
struct Answer<T> {
    data: T,
}

#[derive(Deserialize)]
struct Groups {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Found {
    result: Vec<Series>,
}

#[derive(Deserialize)]
struct Series {
    value: (f64, String),
}

impl Monitoring {
    /// Starts them, with all files in `folder`, for a system that was started before. `also` are
    /// further targets of intake: host and port.
    ///
    /// # Errors
    /// A program is missing, the configuration can't be written, or one does not start.
    pub async fn start(folder: &Path, system: &System, pace: Pace, also: &[String]) -> Result<Self> {
        folders::create(folder)?;
        let shipped = |name: &str| read(&folders::workspace().join("deploy/observability").join(name));
        let write = |name: &str, text: &str| {
            let path = folder.join(name);
            fs::write(&path, text).map_err(Error::io(format!("write {}", path.display())))?;
            Ok::<PathBuf, Error>(path)
        };
        let exporter = exporter(folder, &system.database_url()).await?;
        let routes = write("alertmanager.yml", &pace.routes(&shipped("alertmanager.yml")?))?;
        let alertmanager = alertmanager(folder, &routes).await?;
        write("alerts.yml", &pace.rules(&shipped("alerts.yml")?))?;
        let mut config = pace.looks(&shipped("prometheus.yml")?);
        let exporters: Vec<String> = exporter.iter().map(Server::address).collect();
        for (address, targets) in targets(system, also) {
            config = aim(&config, address, &targets);
        }
        config = aim(&config, "127.0.0.1:9187", &exporters);
        config = aim(&config, "127.0.0.1:9093", &[alertmanager.address()]);
        let config = write("prometheus.yml", &config)?;
        Ok(Self {
            prometheus: prometheus(folder, &config).await?,
            alertmanager,
            _exporter: exporter,
            client: Client::builder()
                .no_proxy()
                .timeout(ANSWERS_WITHIN)
                .build()
                .map_err(|source| Error::Http {
                    request: "a client of Prometheus".to_owned(),
                    source,
                })?,
        })
    }

    /// Returns Prometheus's address.
    #[must_use]
    pub fn prometheus_url(&self) -> String {
        format!("http://{}", self.prometheus.address())
    }

    /// Returns Alertmanager's address.
    #[must_use]
    pub fn alertmanager_url(&self) -> String {
        format!("http://{}", self.alertmanager.address())
    }

    /// Returns the alerts that fire at Alertmanager now.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn firing(&self) -> Result<Vec<Firing>> {
        self.get(&self.alertmanager, "/api/v2/alerts", &[("active", "true")])
            .await
    }

    /// Returns the values of a query, one for each series.
    ///
    /// # Errors
    /// Prometheus does not answer, or refuses the query.
    pub async fn query(&self, query: &str) -> Result<Vec<f64>> {
        let answer: Answer<Found> = self
            .get(&self.prometheus, "/api/v1/query", &[("query", query)])
            .await?;
        let values = answer.data.result.into_iter().map(|series| series.value.1);
        Ok(values.filter_map(|value| value.parse().ok()).collect())
    }

    /// Returns the rules that Prometheus loaded.
    ///
    /// # Errors
    /// It does not answer.
    pub async fn rules(&self) -> Result<Vec<Rule>> {
        let answer: Answer<Groups> = self.get(&self.prometheus, "/api/v1/rules", &[]).await?;
        Ok(answer
            .data
            .groups
            .into_iter()
            .flat_map(|group| group.rules)
            .collect())
    }

    async fn get<T: DeserializeOwned>(
        &self,
        server: &Server,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T> {
        let request = format!("GET {path} {query:?}");
        let failed = |source: reqwest::Error| Error::Http {
            request: request.clone(),
            source,
        };
        let address = format!("http://{}{path}", server.address());
        let Ok(url) = Url::parse_with_params(&address, query) else {
            return Err(Error::Refused {
                request,
                status: 0,
                body: "not an address".to_owned(),
            });
        };
        let answer = self.client.get(url).send().await.map_err(failed)?;
        if !answer.status().is_success() {
            return Err(Error::Refused {
                request,
                status: answer.status().as_u16(),
                body: answer.text().await.unwrap_or_default(),
            });
        }
        answer.json().await.map_err(failed)
    }
}

impl Server {
    fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // an ended process can't be killed, and that is fine
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Returns the addresses of the shipped configuration, each with those of this system.
fn targets(system: &System, also: &[String]) -> Vec<(&'static str, Vec<String>)> {
    let of = |part| {
        let url = system.internal_url(part);
        url.map(|url| url.trim_start_matches("http://").to_owned())
    };
    let parts = |parts: Vec<Part>| parts.into_iter().filter_map(of).collect::<Vec<_>>();
    let workers = (1..=system.workers()).map(Part::Worker).collect();
    let mut intakes = parts(vec![Part::Intake, Part::SecondIntake]);
    intakes.extend_from_slice(also);
    vec![
        ("127.0.0.1:9080", intakes),
        ("127.0.0.1:9081", parts(vec![Part::Status])),
        ("127.0.0.1:9082", parts(workers)),
        ("127.0.0.1:9083", parts(vec![Part::Portal])),
        ("127.0.0.1:9084", parts(vec![Part::Console])),
        ("127.0.0.1:15692", system.broker_metrics().into_iter().collect()),
    ]
}

/// Puts these targets into the place of a shipped address.
fn aim(config: &str, address: &str, targets: &[String]) -> String {
    let quoted: Vec<String> = targets.iter().map(|target| format!("\"{target}\"")).collect();
    config.replace(&format!("\"{address}\""), &quoted.join(", "))
}

async fn prometheus(folder: &Path, config: &Path) -> Result<Server> {
    let port = ports::free_port()?;
    let mut command = program("prometheus", "prometheus")?;
    command
        .arg(format!("--config.file={}", config.display()))
        .arg(format!("--storage.tsdb.path={}", folder.join("series").display()))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"));
    start(command, folder, "prometheus", port).await
}

async fn alertmanager(folder: &Path, config: &Path) -> Result<Server> {
    let port = ports::free_port()?;
    let mut command = program("prometheus-alertmanager", "prometheus-alertmanager")?;
    command
        .arg(format!("--config.file={}", config.display()))
        .arg(format!("--storage.path={}", folder.join("alertmanager").display()))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        // one process, no cluster
        .arg("--cluster.listen-address=");
    start(command, folder, "alertmanager", port).await
}

/// Starts the exporter as the database's owner, where it is installed.
async fn exporter(folder: &Path, database: &str) -> Result<Option<Server>> {
    let port = ports::free_port()?;
    let Ok(mut command) = program(EXPORTER, EXPORTER) else {
        return Ok(None);
    };
    command
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .env("DATA_SOURCE_NAME", format!("{database}?sslmode=disable"));
    start(command, folder, "postgres-exporter", port).await.map(Some)
}

fn program(name: &str, package: &'static str) -> Result<Command> {
    let usual = FOLDERS.map(PathBuf::from);
    let found = folders::find_program(name, &usual);
    found.map(Command::new).ok_or(Error::Missing {
        program: name.to_owned(),
        package,
    })
}

async fn start(mut command: Command, folder: &Path, name: &str, port: u16) -> Result<Server> {
    let log = folder.join(format!("{name}.log"));
    let open = || fs::File::create(&log);
    let (output, errors) = open()
        .and_then(|file| Ok((file.try_clone()?, file)))
        .map_err(Error::io(format!("write {}", log.display())))?;
    let process = command
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors)
        .spawn()
        .map_err(Error::io(format!("start {name}")))?;
    let server = Server { process, port };
    if until(STARTS_WITHIN, || wait::listens(port)).await {
        return Ok(server);
    }
    Err(Error::NotReady {
        name: name.to_owned(),
        seconds: STARTS_WITHIN.as_secs(),
        log,
    })
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(Error::io(format!("read {}", path.display())))
}
