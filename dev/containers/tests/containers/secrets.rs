//! Secrets are in files alone, and personal data in neither environment nor log.

use std::collections::BTreeMap;
use std::fs;

use sportello_people::Person;

use crate::citizen::IBAN;
use crate::shell::{folder, tried};
use crate::system::System;

/// Marta Rinaldi applied in the browser; the person applied through an intermediary.
const OF_MARTA: [&str; 3] = ["RNLMRT84C52H501S", "Rinaldi", IBAN];

/// Neither the environment of any process, nor what the engine shows of any container, nor any log
/// holds a secret or a person.
pub fn are_in_files_alone(system: &System<'_>) {
    let secrets = secrets();
    assert!(secrets.len() >= 15, "{} secrets", secrets.len());
    let person = Person::invent(2, 0);
    let mut hidden: Vec<&str> = secrets.iter().map(String::as_str).collect();
    hidden.extend(OF_MARTA);
    hidden.push(person.tax_code.as_str());
    for (place, text) in places(system) {
        let found = hidden.iter().any(|value| text.contains(value));
        // the value itself would be in the test's log
        assert!(!found, "{place} holds a secret or a person");
    }
}

/// Returns the passwords and keys that the job made.
fn secrets() -> Vec<String> {
    let volumes = fs::read_dir(folder().join("data/volumes")).unwrap().flatten();
    let of_secrets = volumes.filter(|entry| entry.file_name().to_string_lossy().ends_with("-secrets"));
    let mut found = Vec::new();
    for volume in of_secrets {
        for file in fs::read_dir(volume.path().join("_data")).unwrap().flatten() {
            let text = fs::read_to_string(file.path()).unwrap();
            match text.split_once("://") {
                // user:password@host
                Some((_, rest)) => {
                    let password = rest.split(['@', ':']).nth(1).unwrap();
                    found.extend([text.clone(), password.to_owned()]);
                }
                // the definitions of the broker hold passwords that are in addresses, too
                None if text.starts_with('{') => {}
                None => found.push(text),
            }
        }
    }
    found
}

/// Returns what other people and programs see: by where it is.
fn places(system: &System<'_>) -> BTreeMap<String, String> {
    let mut places = BTreeMap::new();
    for one in system.containers() {
        let name = format!("{} ({})", one.service, &one.id[..12]);
        places.insert(format!("docker inspect of {name}"), one.inspected.to_string());
        let (_, log) = tried(&mut system.engine.docker(&["logs", &one.id]));
        places.insert(format!("the log of {name}"), log);
    }
    // all processes of the containers, and the engine's: others are not in this namespace
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        for part in ["environ", "cmdline"] {
            if let Ok(bytes) = fs::read(entry.path().join(part)) {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                places.insert(entry.path().join(part).display().to_string(), text);
            }
        }
    }
    places
}
