//! What the compose file says, as Compose reads it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::engine::Engine;
use crate::shell::ran;

/// The images that the project builds.
const OWN: [&str; 2] = ["sportello", "sportello-identity-provider"];
/// The only network with a way out.
const FRONT: &str = "front";

/// Images are pinned, ports are this machine's alone, folders carry SELinux' mark, every service
/// has time to end, and no network joins intake and the database.
pub fn is_strict(engine: &Engine) {
    let words = ["--profile", "observability", "config", "--format", "json"];
    let file: Value = serde_json::from_str(&ran(&mut engine.compose(&words))).unwrap();
    let services = file["services"].as_object().unwrap();
    assert!(services.len() >= 17, "{}", services.len());
    for (name, service) in services {
        let image = service["image"].as_str().unwrap();
        assert!(OWN.contains(&image) || is_pinned(image), "{name} has {image}");
        for port in list(service, "ports") {
            assert_eq!(port["host_ip"], "127.0.0.1", "{name}");
        }
        for mount in list(service, "volumes")
            .iter()
            .filter(|mount| mount["type"] == "bind")
        {
            assert_eq!(mount["bind"]["selinux"], "z", "{name}");
            assert_eq!(mount["read_only"], true, "{name}");
        }
        let is_job = service["command"]
            .as_array()
            .is_some_and(|words| words.len() > 1 && OWN[0] == image);
        let has_time = !service["stop_grace_period"].is_null();
        assert!(
            has_time || is_job || name == "prepare",
            "{name} has no stop_grace_period"
        );
    }
    let networks = |name: &str| -> BTreeSet<&String> {
        let networks = services[name]["networks"].as_object();
        networks.into_iter().flat_map(Map::keys).collect()
    };
    assert!(networks("intake").is_disjoint(&networks("postgres")));
    assert!(networks("status").is_disjoint(&networks("rabbitmq")));
    for (name, network) in file["networks"].as_object().unwrap() {
        assert!(network["internal"] == true || name == FRONT, "{name}");
    }
}

fn list<'a>(service: &'a Value, name: &str) -> &'a [Value] {
    service[name].as_array().map_or(&[], Vec::as_slice)
}

/// Whether an image has a version with all its numbers.
fn is_pinned(image: &str) -> bool {
    let version = image.rsplit_once(':').map_or("", |(_, version)| version);
    let version = version.trim_start_matches('v');
    version
        .split(['.', '-'])
        .take(2)
        .all(|part| part.parse::<u32>().is_ok())
}
