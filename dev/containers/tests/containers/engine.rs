//! An engine: `dockerd` with data of its own, which keeps nothing but images.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command};
use std::time::Duration;

use crate::namespaces::CONTROL_GROUP;
use crate::shell::{command, folder, ran, root, tried, until};

/// `/run` is a file system of the test's own.
const SOCKET: &str = "unix:///run/sportello/docker.sock";
/// Debian's client builds images; another one in PATH may lack what it needs for that.
const CLIENT: &str = "/usr/bin/docker";
const STARTS_WITHIN: Duration = Duration::from_secs(60);

/// A running engine.
pub struct Engine {
    daemon: Child,
    compose: PathBuf,
}

impl Engine {
    /// Starts it, without the containers of an earlier run.
    pub fn start() -> Self {
        ran(&mut command(&["mount", "-t", "tmpfs", "tmpfs", "/run"]));
        ran(&mut command(&["ip", "link", "set", "lo", "up"]));
        fs::create_dir_all("/run/sportello").unwrap();
        let log = File::create(folder().join("engine.log")).unwrap();
        let daemon = command(&[
            "dockerd",
            "--host",
            SOCKET,
            "--pidfile",
            "/run/sportello/docker.pid",
        ])
        .args(["--exec-root", "/run/sportello/exec", "--log-level", "warn"])
        .args([
            "--cgroup-parent",
            &format!("/{CONTROL_GROUP}"),
            "--storage-driver",
            "overlay2",
        ])
        .arg("--data-root")
        .arg(folder().join("data"))
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .expect("dockerd: the package docker.io");
        let engine = Self {
            daemon,
            compose: compose_program(),
        };
        until("the engine answers (see engine.log)", STARTS_WITHIN, || {
            tried(&mut engine.docker(&["version"])).0.then_some(())
        });
        engine.clear();
        engine
    }

    /// Returns a command of the client.
    pub fn docker(&self, arguments: &[&str]) -> Command {
        let mut docker = command(&[CLIENT]);
        docker.args(arguments).current_dir(root());
        aimed(&mut docker);
        docker
    }

    /// Returns a command of Compose for `docker-compose.yml`.
    pub fn compose(&self, arguments: &[&str]) -> Command {
        let mut compose = Command::new(&self.compose);
        compose.args(arguments).current_dir(root());
        aimed(&mut compose);
        compose
    }

    /// Removes what a killed run left, and layers that no image has any more.
    fn clear(&self) {
        let left = ran(&mut self.docker(&["ps", "--all", "--quiet"]));
        for container in left.lines() {
            ran(&mut self.docker(&["rm", "--force", "--volumes", container]));
        }
        for kind in ["network", "volume", "image"] {
            ran(&mut self.docker(&[kind, "prune", "--force"]));
        }
    }

    /// Ends it in order.
    pub fn end(mut self) {
        self.clear();
        ran(&mut self.docker(&["builder", "prune", "--force", "--keep-storage", "2GB"]));
        ran(&mut command(&["kill", &self.daemon.id().to_string()]));
        self.daemon.wait().unwrap();
    }
}

/// Points a client at the engine.
fn aimed(client: &mut Command) {
    client
        .env("DOCKER_HOST", SOCKET)
        .env("DOCKER_CONFIG", "/run/sportello")
        .env("DOCKER_BUILDKIT", "1");
}

/// Returns the program of Compose 2 or later: the one that `cargo xtask test` fetched, or the
/// plugin of a package.
fn compose_program() -> PathBuf {
    let fetched = folder().join("compose/bin/docker-compose");
    let plugins = ["/usr/libexec/docker", "/usr/lib/docker"];
    let plugins = plugins.map(|folder| PathBuf::from(folder).join("cli-plugins/docker-compose"));
    let mut all = [fetched].into_iter().chain(plugins);
    all.find(|path| path.is_file())
        .expect("Compose 2: the package docker-compose-plugin or docker-compose-v2")
}
