//! Stand-ins for the images that the compose file and the Dockerfiles name, and the project's own.

use std::fs;
use std::path::{Path, PathBuf};

use crate::engine::Engine;
use crate::shell::{command, folder, programs, ran, root, tried};

/// The system that all stand-ins are made of.
const BASE: &str = "sportello-stand-in";
/// What it holds, beside the essential packages of Debian.
const PACKAGES: &str = "binutils,ca-certificates,gettext-base,nginx-light,postgresql,rabbitmq-server";
const SERVICES: [&str; 5] = ["intake", "worker", "status", "portal", "console"];

/// Each official name, and the folder that makes a stand-in for it.
const STAND_INS: [(&str, &str); 5] = [
    ("postgres:15.18", "postgres"),
    ("rabbitmq:4.2.4-management", "rabbitmq"),
    ("nginx:1.28.2", "nginx"),
    ("node:22.19.0-bookworm-slim", "node"),
    ("rust:1.95.0-bookworm", "rust"),
];

/// Makes the base from Debian's packages, unless an earlier run did: a minute, with the network.
pub fn make_base() {
    let tar = folder().join("base.tar");
    let record = folder().join("base.packages");
    if tar.is_file() && fs::read_to_string(&record).is_ok_and(|made| made == PACKAGES) {
        return;
    }
    fs::create_dir_all(folder()).unwrap();
    let release = fs::read_to_string("/etc/os-release").unwrap();
    let suite = release
        .lines()
        .find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    let mut make = command(&["mmdebstrap", "--variant=minbase", "--quiet"]);
    make.arg(format!("--include={PACKAGES}"))
        .arg(suite.expect("Debian, or a system like it"))
        .arg(&tar);
    let sources = ["/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list"];
    make.args(sources.iter().find(|path| Path::new(path).is_file()));
    ran(&mut make);
    fs::write(record, PACKAGES).unwrap();
}

/// Builds all images; what has not changed is there from an earlier run.
pub fn build(engine: &Engine) {
    let (has_base, _) = tried(&mut engine.docker(&["image", "inspect", BASE]));
    if !has_base {
        let tar = folder().join("base.tar");
        ran(&mut engine.docker(&["import", tar.to_str().unwrap(), BASE]));
    }
    for (name, kind) in STAND_INS {
        let context = context(kind);
        ran(&mut engine.docker(&["build", "--tag", name, context.to_str().unwrap()]));
    }
    // unchanged, too
    let own = [
        ("sportello", "deploy/Dockerfile", "."),
        (
            "sportello-identity-provider",
            "deploy/identity-provider/Dockerfile",
            "deploy/identity-provider",
        ),
    ];
    for (name, file, context) in own {
        ran(&mut engine.docker(&["build", "--tag", name, "--file", file, context]));
    }
}

/// Makes the folder that a stand-in is built from: what is committed, and what is built already.
fn context(kind: &str) -> PathBuf {
    let committed = root()
        .join("dev/containers/tests/containers/stand-ins")
        .join(kind);
    let context = folder().join("contexts").join(kind);
    let _ = fs::remove_dir_all(&context);
    let made = context.join("made");
    fs::create_dir_all(&made).unwrap();
    let copy = |from: &Path, to: &Path| {
        ran(&mut command(&[
            "cp",
            "-rL",
            "--preserve=mode,timestamps",
            from.to_str().unwrap(),
            to.to_str().unwrap(),
        ]));
    };
    copy(&committed.join("."), &context);
    match kind {
        "rust" => {
            for service in SERVICES {
                let program = programs().join(service);
                let (from, to) = (program.to_str().unwrap(), made.join(service));
                ran(&mut command(&[
                    "strip",
                    "--strip-debug",
                    "--preserve-dates",
                    "-o",
                    to.to_str().unwrap(),
                    from,
                ]));
            }
        }
        "node" => {
            let node = ran(&mut command(&["node", "--print", "process.execPath"]));
            copy(Path::new(node.trim()), &made.join("node"));
            let web = root().join("services/portal/web");
            copy(&web.join("dist"), &made.join("dist"));
            copy(&web.join("build/pages.cdx.json"), &made.join("pages.cdx.json"));
            copy(
                &root().join("deploy/identity-provider/node_modules"),
                &made.join("node_modules"),
            );
        }
        _ => {}
    }
    context
}
