//! The commands of docs/BACKUP.md, run as they stand there. Only the servers, folders and users are
//! the test's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use loadtests::system::private_system::{PrivateSystem, programs};
use reqwest::Url;
use sportello_stack::{RunAs, folders};
use sportello_testkit::Guide;

/// What each block is run with.
const SHELL: [&str; 4] = ["-e", "-o", "pipefail", "-c"];

/// The page, and what its variables stand for.
pub(crate) struct Commands {
    guide: Guide,
    folder: PathBuf,
    variables: Vec<(&'static str, String)>,
    postgres: RunAs,
}

impl Commands {
    /// Reads the page, for a private system.
    pub(crate) fn of(system: &mut PrivateSystem) -> Self {
        let (folder, postgres) = new_folder(system, "backup");
        let database = Url::parse(&system.database_url()).expect("an address");
        let management = Url::parse(&system.rabbitmq().management_url()).expect("an address");
        let login = system.folder().join("broker.netrc");
        write_login(&login, &management);
        let port = |url: &Url| url.port().expect("a port").to_string();
        let (identity, receipt_keys) = (system.identity_folder(), receipt_keys(system));
        let variables = vec![
            ("PATH", path()),
            ("PGHOST", "127.0.0.1".to_owned()),
            ("PGPORT", port(&database)),
            ("PGUSER", database.username().to_owned()),
            ("PGPASSWORD", database.password().expect("a password").to_owned()),
            ("PGDATABASE", database.path().trim_start_matches('/').to_owned()),
            ("DATA", system.postgres().data().display().to_string()),
            (
                "FILES",
                format!("{} {}", receipt_keys.display(), identity.display()),
            ),
            ("BROKER", format!("http://127.0.0.1:{}", port(&management))),
            ("BROKER_LOGIN", login.display().to_string()),
            ("AMQP_URL", system.amqp_url()),
        ];
        let page = folders::workspace().join("docs/BACKUP.md");
        Self {
            guide: Guide::read(&page),
            folder,
            variables,
            postgres,
        }
    }

    /// Runs a section of the user `postgres`. Returns what it printed.
    pub(crate) fn as_postgres(&self, section: &str) -> String {
        self.run(self.postgres.command(Path::new("bash")), section)
    }

    /// Runs a section of root. Returns what it printed.
    pub(crate) fn as_root(&self, section: &str) -> String {
        self.run(Command::new("bash"), section)
    }

    fn run(&self, shell: Command, section: &str) -> String {
        let output = self.prepared(shell, section).output().expect("a shell");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let Output {
            status,
            stdout,
            stderr,
        } = &output;
        let script = self.guide.section(section);
        assert!(
            status.success(),
            "{section}: {status}\n{script}\n{}",
            text(stderr)
        );
        text(stdout)
    }

    /// Starts the section that receives the log. The receiver ends with the server, or when
    /// dropped.
    pub(crate) fn receive(&self) -> Receiver {
        let mut shell = self.prepared(self.postgres.command(Path::new("bash")), "2. Receive the log");
        let started = shell.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        Receiver(started.expect("a shell"))
    }

    fn prepared(&self, mut shell: Command, section: &str) -> Command {
        shell
            .args(SHELL)
            .arg(self.guide.section(section))
            .current_dir(&self.folder)
            .env("HOME", &self.folder)
            .env("BACKUP", &self.folder)
            .env("FROM", &self.folder)
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        shell
    }

    /// Has later sections make a new backup, and restore that.
    pub(crate) fn begin_anew(&mut self, system: &PrivateSystem) {
        let name = format!("backup-{}", rand::random::<u32>());
        (self.folder, self.postgres) = new_folder(system, &name);
    }
}

fn new_folder(system: &PrivateSystem, name: &str) -> (PathBuf, RunAs) {
    let folder = system.folder().join(name);
    let postgres = RunAs::owner_of(&folder, &["postgres", "nobody"]).expect("a folder for backups");
    (folder, postgres)
}

/// The running receiver of the log.
pub(crate) struct Receiver(std::process::Child);

impl Receiver {
    /// Waits until it has ended by itself.
    pub(crate) fn ends(mut self) {
        self.0.wait().expect("its end");
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // it may have ended by itself
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The file of the receipt keys, which all intakes share.
pub(crate) fn receipt_keys(system: &PrivateSystem) -> PathBuf {
    system.folder().join("receipt-keys.json")
}

/// `worker` and Debian's programs of PostgreSQL, as the page wants them.
fn path() -> String {
    let programs = programs().expect("the services");
    let inherited = std::env::var("PATH").expect("PATH");
    format!("{}:{inherited}:/usr/lib/postgresql/15/bin", programs.display())
}

fn write_login(path: &Path, management: &Url) {
    let (user, password) = (management.username(), management.password().expect("a password"));
    let login = format!("machine 127.0.0.1 login {user} password {password}\n");
    fs::write(path, login).expect("a file");
}
