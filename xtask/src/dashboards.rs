//! `cargo xtask dashboards`: Grafana's dashboards, made from the table below.

use std::fs;
use std::process::ExitCode;

use anyhow::Result;
use serde_json::{Value, json};

use crate::command::root;

const FOLDER: &str = "deploy/observability/dashboards";
/// Grafana's grid has 24 columns; three panels stand side by side.
const WIDTH: usize = 8;
const HEIGHT: usize = 8;

/// A page of panels.
struct Dashboard {
    file: &'static str,
    title: &'static str,
    panels: &'static [Panel],
}

/// A chart over time.
struct Panel {
    title: &'static str,
    /// Grafana's name of the unit.
    unit: &'static str,
    description: &'static str,
    /// Legend and query of each series.
    queries: &'static [(&'static str, &'static str)],
}

const DASHBOARDS: [Dashboard; 3] = [
    Dashboard {
        file: "opening-day",
        title: "Sportello: opening day",
        panels: &[
            Panel {
                title: "Applications accepted",
                unit: "ops",
                description: "A second, by channel and by how publishing ended. Only `confirmed` has a receipt.",
                queries: &[(
                    "{{channel}} {{result}}",
                    "sum by (channel, result) (rate(sportello_queue_publishes_total[1m]))",
                )],
            },
            Panel {
                title: "Applications registered",
                unit: "ops",
                description: "A second, by outcome.",
                queries: &[(
                    "{{outcome}}",
                    "sum by (outcome) (rate(sportello_worker_registered_total[1m]))",
                )],
            },
            Panel {
                title: "Backlog",
                unit: "short",
                description: "Applications that are confirmed and not settled, from the ledger.",
                queries: &[(
                    "{{channel}}",
                    "max by (channel) (sportello_ledger_outstanding_applications)",
                )],
            },
            Panel {
                title: "Oldest that waits",
                unit: "s",
                description: "Age of the oldest application that is not settled.",
                queries: &[(
                    "{{channel}}",
                    "max by (channel) (sportello_ledger_oldest_age_seconds)",
                )],
            },
            Panel {
                title: "Intake's answers",
                unit: "ops",
                description: "A second, by status code. 503 is an honest refusal: the caller sends again.",
                queries: &[(
                    "{{http_response_status_code}}",
                    "sum by (http_response_status_code) (rate(sportello_http_request_duration_seconds_count{job=\"intake\"}[1m]))",
                )],
            },
            Panel {
                title: "Time to answer",
                unit: "s",
                description: "Of half and of 99 in 100 of intake's requests.",
                queries: &[
                    (
                        "half",
                        "histogram_quantile(0.5, sum by (le) (rate(sportello_http_request_duration_seconds_bucket{job=\"intake\"}[1m])))",
                    ),
                    (
                        "99 in 100",
                        "histogram_quantile(0.99, sum by (le) (rate(sportello_http_request_duration_seconds_bucket{job=\"intake\"}[1m])))",
                    ),
                ],
            },
        ],
    },
    Dashboard {
        file: "proof",
        title: "Sportello: nothing is lost",
        panels: &[
            Panel {
                title: "Lost",
                unit: "short",
                description: "Confirmed messages proved to be lost. Not 0: the console names them.",
                queries: &[("{{channel}}", "max by (channel) (sportello_ledger_lost_messages)")],
            },
            Panel {
                title: "Confirmed and settled",
                unit: "short",
                description: "Applications since the beginning. The distance is the backlog.",
                queries: &[
                    (
                        "{{channel}} confirmed",
                        "max by (channel) (sportello_ledger_confirmed_applications)",
                    ),
                    (
                        "{{channel}} settled",
                        "max by (channel) (sportello_ledger_settled_applications)",
                    ),
                ],
            },
            Panel {
                title: "Late messages and open tails",
                unit: "short",
                description: "Neither is a loss: late messages may still come, and an open tail is a last second without a statement.",
                queries: &[
                    (
                        "{{channel}} late",
                        "max by (channel) (sportello_ledger_suspect_messages)",
                    ),
                    (
                        "{{channel}} open tails",
                        "max by (channel) (sportello_ledger_open_tails)",
                    ),
                ],
            },
            Panel {
                title: "Dead letters",
                unit: "short",
                description: "That wait for an operator, by reason.",
                queries: &[(
                    "{{channel}} {{reason}}",
                    "max by (channel, reason) (sportello_dead_letters_open)",
                )],
            },
            Panel {
                title: "On intake's disks",
                unit: "short",
                description: "Accepted applications kept while the broker is away.",
                queries: &[("{{instance}}", "max by (instance) (sportello_spool_applications)")],
            },
            Panel {
                title: "Last audit",
                unit: "s",
                description: "Seconds since the ledger was audited.",
                queries: &[("age", "time() - max(sportello_ledger_audited_timestamp_seconds)")],
            },
        ],
    },
    Dashboard {
        file: "parts",
        title: "Sportello: broker, workers, services",
        panels: &[
            Panel {
                title: "Confirms of the broker",
                unit: "s",
                description: "Of half and of 99 in 100 messages.",
                queries: &[
                    (
                        "half",
                        "histogram_quantile(0.5, sum by (le) (rate(sportello_queue_confirm_duration_seconds_bucket[1m])))",
                    ),
                    (
                        "99 in 100",
                        "histogram_quantile(0.99, sum by (le) (rate(sportello_queue_confirm_duration_seconds_bucket[1m])))",
                    ),
                ],
            },
            Panel {
                title: "Workers' transactions",
                unit: "s",
                description: "From beginning to commit, 95 in 100.",
                queries: &[(
                    "{{channel}}",
                    "histogram_quantile(0.95, sum by (le, channel) (rate(sportello_worker_transaction_duration_seconds_bucket[1m])))",
                )],
            },
            Panel {
                title: "Receipt to registration",
                unit: "s",
                description: "95 in 100.",
                queries: &[(
                    "{{channel}}",
                    "histogram_quantile(0.95, sum by (le, channel) (rate(sportello_worker_registration_delay_seconds_bucket[1m])))",
                )],
            },
            Panel {
                title: "Retries of workers",
                unit: "ops",
                description: "A second, by task: the database or the broker does not answer.",
                queries: &[(
                    "{{task}}",
                    "sum by (task) (rate(sportello_worker_retries_total[1m]))",
                )],
            },
            Panel {
                title: "Checks",
                unit: "short",
                description: "Of /status: 0 passes, 1 warns, 2 fails.",
                queries: &[("{{job}} {{check}}", "max by (job, check) (sportello_http_check)")],
            },
            Panel {
                title: "Workers",
                unit: "short",
                description: "Wanted by the console, and running as far as Prometheus sees them.",
                queries: &[
                    ("wanted", "max(sportello_console_wanted_workers)"),
                    ("running", "sum(up{job=\"worker\"})"),
                ],
            },
            Panel {
                title: "Connections of the database",
                unit: "short",
                description: "By state, and the most that it allows.",
                queries: &[
                    ("{{state}}", "sum by (state) (pg_stat_activity_count)"),
                    ("most", "max(pg_settings_max_connections)"),
                ],
            },
            Panel {
                title: "Connections to the broker made again",
                unit: "ops",
                description: "A second, by role.",
                queries: &[(
                    "{{role}}",
                    "sum by (role) (rate(sportello_queue_reconnects_total[1m]))",
                )],
            },
            Panel {
                title: "Messages in the broker's queues",
                unit: "short",
                description: "As the broker counts them: a message holds up to 64 applications.",
                queries: &[("{{queue}}", "sum by (queue) (rabbitmq_detailed_queue_messages)")],
            },
        ],
    },
];

/// Writes the dashboards, and prints their folder.
pub fn run() -> Result<ExitCode> {
    let folder = root().join(FOLDER);
    fs::create_dir_all(&folder)?;
    for dashboard in &DASHBOARDS {
        let mut text = serde_json::to_string_pretty(&dashboard.document())?;
        text.push('\n');
        fs::write(folder.join(format!("{}.json", dashboard.file)), text)?;
    }
    println!("{}", folder.display());
    Ok(ExitCode::SUCCESS)
}

impl Dashboard {
    fn document(&self) -> Value {
        let panels: Vec<Value> = self
            .panels
            .iter()
            .enumerate()
            .map(|(place, panel)| panel.document(place))
            .collect();
        json!({
            "uid": format!("sportello-{}", self.file),
            "title": self.title,
            "tags": ["sportello"],
            "timezone": "Europe/Rome",
            "refresh": "10s",
            "time": { "from": "now-1h", "to": "now" },
            "schemaVersion": 39,
            "templating": { "list": [{
                "name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus",
            }] },
            "panels": panels,
        })
    }
}

impl Panel {
    fn document(&self, place: usize) -> Value {
        let source = json!({ "type": "prometheus", "uid": "${source}" });
        let targets: Vec<Value> = self
            .queries
            .iter()
            .zip('A'..)
            .map(|((legend, query), id)| {
                json!({ "refId": id, "datasource": source, "expr": query, "legendFormat": legend })
            })
            .collect();
        let (column, row) = (place % (24 / WIDTH), place / (24 / WIDTH));
        json!({
            "id": place + 1,
            "type": "timeseries",
            "title": self.title,
            "description": self.description,
            "datasource": source,
            "gridPos": { "x": column * WIDTH, "y": row * HEIGHT, "w": WIDTH, "h": HEIGHT },
            "fieldConfig": { "defaults": { "unit": self.unit, "min": 0 }, "overrides": [] },
            "targets": targets,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_dashboards_are_those_of_the_table() {
        for dashboard in &DASHBOARDS {
            let path = root().join(FOLDER).join(format!("{}.json", dashboard.file));
            let committed: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            assert_eq!(committed, dashboard.document(), "run `cargo xtask dashboards`");
        }
    }
}
