//! The compose file's system.

use std::time::Duration;

use serde_json::Value;

use crate::engine::Engine;
use crate::shell::{ran, tried, until};

const HEALTHY_WITHIN: Duration = Duration::from_secs(60);
/// The containers that do something once.
const ONCE: [&str; 4] = ["prepare", "migrate", "topology", "receipt-keys"];

/// A container, as `docker inspect` shows it.
pub struct Container {
    pub service: String,
    pub id: String,
    pub inspected: Value,
}

/// The running system.
pub struct System<'a> {
    pub engine: &'a Engine,
    user: Option<&'a str>,
}

impl<'a> System<'a> {
    /// Starts everything with the one command that the documents give, but for the building.
    pub fn up(engine: &'a Engine, user: Option<&'a str>) -> Self {
        let system = Self { engine, user };
        system.compose(&["up", "--detach", "--no-build", "--pull", "never"]);
        system
    }

    /// Runs a command of Compose; shows the containers and their logs where it fails.
    pub fn compose(&self, arguments: &[&str]) -> String {
        let mut compose = self.engine.compose(arguments);
        compose.envs(self.user.map(|user| ("SPORTELLO_USER", user)));
        let (is_good, text) = tried(&mut compose);
        if !is_good {
            let (_, list) = tried(&mut self.engine.compose(&["ps", "--all"]));
            let (_, logs) = tried(&mut self.engine.compose(&["logs", "--tail", "20"]));
            panic!("docker compose {arguments:?}:\n{text}\n{list}\n{logs}");
        }
        text
    }

    /// Returns all containers, ended ones too.
    pub fn containers(&self) -> Vec<Container> {
        let ids = ran(&mut self.engine.docker(&["ps", "--all", "--quiet", "--no-trunc"]));
        let ids: Vec<&str> = ids.lines().collect();
        let inspected = ran(&mut self.engine.docker(&[["inspect"].as_slice(), &ids].concat()));
        let all: Vec<Value> = serde_json::from_str(&inspected).unwrap();
        let container = |inspected: Value| Container {
            service: inspected["Config"]["Labels"]["com.docker.compose.service"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            id: inspected["Id"].as_str().unwrap().to_owned(),
            inspected,
        };
        all.into_iter().map(container).collect()
    }

    /// Returns the running containers of a service.
    pub fn of(&self, service: &str) -> Vec<Container> {
        let is_one = |one: &Container| one.service == service && one.inspected["State"]["Running"] == true;
        self.containers().into_iter().filter(is_one).collect()
    }

    /// Waits until so many containers of a service are healthy.
    pub fn wait_for_healthy(&self, service: &str, count: usize) {
        until(
            &format!("{count} healthy containers of {service}"),
            HEALTHY_WITHIN,
            || {
                let healthy = |one: &Container| one.inspected["State"]["Health"]["Status"] == "healthy";
                (self.of(service).iter().filter(|one| healthy(one)).count() == count).then_some(())
            },
        );
    }

    /// Every running container that is told to stop ends by itself, with 0, before it would be
    /// killed.
    pub fn ends_in_order(&self) {
        let is_running = |one: &Container| one.inspected["State"]["Running"] == true;
        let running: Vec<Container> = self.containers().into_iter().filter(is_running).collect();
        self.compose(&["stop"]);
        let after = self.containers();
        let failed = after.iter().filter(|one| {
            let ran = running.iter().any(|before| before.id == one.id);
            ran && one.inspected["State"]["ExitCode"] != 0
        });
        let failed: Vec<String> = failed
            .map(|one| format!("{} {}", one.service, one.inspected["State"]["ExitCode"]))
            .collect();
        assert_eq!(failed, [""; 0], "exit codes");
    }

    /// Removes everything, data too.
    pub fn remove(self) {
        self.compose(&["down", "--volumes"]);
    }
}

impl Container {
    /// Whether the project's own image runs in it.
    pub fn is_own(&self) -> bool {
        self.inspected["Config"]["Image"] == "sportello"
    }

    /// Whether it is the first of its service's containers.
    pub fn is_first(&self) -> bool {
        self.inspected["Config"]["Labels"]["com.docker.compose.container-number"] == "1"
    }

    /// Whether it does something once.
    pub fn is_job(&self) -> bool {
        ONCE.contains(&self.service.as_str())
    }

    /// Returns its addresses and those of the gateways of its networks.
    pub fn addresses(&self) -> (Vec<String>, Vec<String>) {
        let networks = self.inspected["NetworkSettings"]["Networks"].as_object().unwrap();
        let of = |key: &str| {
            let all = networks.values().filter_map(|network| network[key].as_str());
            all.filter(|address| !address.is_empty())
                .map(str::to_owned)
                .collect()
        };
        (of("IPAddress"), of("Gateway"))
    }
}
