//! What containers can't do.

use crate::shell::tried;
use crate::system::{Container, System};

/// Intake's container reaches PostgreSQL by no name, no address and no gateway. Worker's does, by
/// the same question.
pub fn intake_reaches_no_database(system: &System<'_>) {
    let [intake, worker, postgres] =
        ["intake", "worker", "postgres"].map(|service| system.of(service).remove(0));
    let (addresses, of_database) = postgres.addresses();
    let (_, of_intake) = intake.addresses();
    assert!(!addresses.is_empty() && !of_intake.is_empty());
    let names = ["postgres", "sportello-postgres-1", "host.docker.internal"].map(str::to_owned);
    for host in names
        .iter()
        .chain(&addresses)
        .chain(&of_database)
        .chain(&of_intake)
    {
        assert!(
            !reaches_database(system, &intake, host),
            "intake reaches PostgreSQL at {host}"
        );
    }
    for host in ["postgres"]
        .into_iter()
        .chain(addresses.iter().map(String::as_str))
    {
        assert!(
            reaches_database(system, &worker, host),
            "the worker does not reach {host}"
        );
    }
    // and what intake does reach, the question can be asked there
    assert!(runs_beside(
        system,
        &intake,
        &["bash", "-c", "exec 3<>/dev/tcp/rabbitmq/5672"]
    ));
}

fn reaches_database(system: &System<'_>, container: &Container, host: &str) -> bool {
    runs_beside(
        system,
        container,
        &["pg_isready", "--quiet", "--timeout=2", "--host", host],
    )
}

/// Runs a program of PostgreSQL's image in the network of a container; returns whether it ends
/// well.
fn runs_beside(system: &System<'_>, container: &Container, words: &[&str]) -> bool {
    let network = format!("container:{}", container.id);
    let run = [
        "run",
        "--rm",
        "--network",
        &network,
        "--entrypoint",
        words[0],
        "postgres:15.18",
    ];
    tried(&mut system.engine.docker(&[run.as_slice(), &words[1..]].concat())).0
}

/// Containers of the project's own images have no shell, no capability, no root and a root file
/// system that can't be written.
pub fn containers_are_closed(system: &System<'_>) {
    let containers = system.containers();
    let own: Vec<&Container> = containers.iter().filter(|one| one.is_own()).collect();
    assert_eq!(own.len(), 8, "five services and three jobs");
    for one in own {
        let host = &one.inspected["HostConfig"];
        assert_eq!(host["ReadonlyRootfs"], true, "{}", one.service);
        assert_eq!(host["CapDrop"][0], "ALL", "{}", one.service);
        assert_eq!(one.inspected["Config"]["User"], "10001:10001", "{}", one.service);
        if !one.is_job() {
            for shell in ["sh", "/bin/sh", "/bin/bash"] {
                let (is_there, _) = tried(&mut system.engine.docker(&["exec", &one.id, shell, "-c", "true"]));
                assert!(!is_there, "{} has {shell}", one.service);
            }
        }
    }
}
