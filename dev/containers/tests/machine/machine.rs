//! A machine: systemd in a container.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::base::IMAGE;
use crate::engine::Engine;
use crate::shell::{ran, until};

const STARTS_WITHIN: Duration = Duration::from_secs(60);
/// What systemd needs in a container, and no more.
const ALLOWED: [&str; 18] = [
    "--cap-add",
    "SYS_ADMIN",
    "--cap-add",
    "SYS_PTRACE",
    "--cap-add",
    "NET_ADMIN",
    "--security-opt",
    "seccomp=unconfined",
    "--cgroupns",
    "private",
    "--tmpfs",
    "/run",
    "--tmpfs",
    "/run/lock",
    "--tmpfs",
    "/tmp",
    // no name is resolved: a machine without a network learns it at once
    "--dns",
    "127.0.0.1",
];

/// Mounts are shared, as on a real machine: systemd hands credentials over by one.
const SYSTEMD: &str = "mount --make-rshared / && exec /sbin/init";

/// A running machine; removed when dropped.
pub struct Machine<'a> {
    engine: &'a Engine,
    id: String,
}

impl<'a> Machine<'a> {
    /// Starts one, and waits until systemd has.
    pub fn start(engine: &'a Engine) -> Self {
        let arguments = [
            &["run", "--detach", "--hostname", "machine"],
            ALLOWED.as_slice(),
            &[IMAGE, "sh", "-c", SYSTEMD],
        ];
        let id = ran(&mut engine.docker(&arguments.concat())).trim().to_owned();
        let machine = Self { engine, id };
        // `degraded`: a unit of a real machine may not be able to run in a container
        until("systemd has started", STARTS_WITHIN, || {
            let state = machine.tried("systemctl is-system-running").1;
            ["running", "degraded"].contains(&state.trim()).then_some(())
        });
        machine
    }

    /// Runs a script of bash as root. Returns its standard output.
    pub fn run(&self, script: &str) -> String {
        let (is_good, out, err) = self.executed(script);
        assert!(is_good, "{script}\n-- failed --\n{out}\n{err}");
        out
    }

    /// Returns whether a script ended well, and everything that it printed.
    pub fn tried(&self, script: &str) -> (bool, String) {
        let (is_good, out, err) = self.executed(script);
        (is_good, out + &err)
    }

    fn executed(&self, script: &str) -> (bool, String, String) {
        let mut bash = self.docker(&["exec", "--interactive", &self.id]);
        // from a file, since its commands would read the rest of it from standard input
        bash.args([
            "sh",
            "-c",
            "cat > /run/script && exec bash -e -o pipefail /run/script < /dev/null",
        ]);
        let piped = bash
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = piped.spawn().expect("the engine's client");
        let mut input = child.stdin.take().expect("its input");
        let script = script.to_owned();
        // one that ends early reads no more of it
        let writer = thread::spawn(move || input.write_all(script.as_bytes()));
        let output = child.wait_with_output().expect("its output");
        let _read_to_the_end = writer.join();
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        (output.status.success(), text(output.stdout), text(output.stderr))
    }

    /// Copies a folder's files into one of the machine.
    pub fn put(&self, from: &Path, to: &str) {
        self.run(&format!("mkdir --parents {to}"));
        let from = format!("{}/.", from.display());
        ran(&mut self.docker(&["cp", &from, &format!("{}:{to}", self.id)]));
    }

    /// Returns its address.
    pub fn address(&self) -> String {
        let format = "{{.NetworkSettings.IPAddress}}";
        ran(&mut self.docker(&["inspect", "--format", format, &self.id]))
            .trim()
            .to_owned()
    }

    fn docker(&self, arguments: &[&str]) -> Command {
        self.engine.docker(arguments)
    }
}

impl Drop for Machine<'_> {
    fn drop(&mut self) {
        if !thread::panicking() {
            ran(&mut self.docker(&["rm", "--force", "--volumes", &self.id]));
        }
    }
}
