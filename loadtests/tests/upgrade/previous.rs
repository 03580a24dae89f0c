//! The programs of an earlier revision, as its own system would run them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use loadtests::system::private_system::PrivateSystem;
use sportello_people::{Mint, mint};
use sportello_stack::{Part, Spec, catalogue, folders};
use sportello_testkit::eventually;

use crate::office::{SECRET, SOON};

/// The folder of `intake`, `worker` and `status`, and of their benefits; otherwise `cargo xtask
/// test --upgrade` made it.
const VARIABLE: &str = "PREVIOUS_PROGRAMS";

pub(crate) struct Previous {
    programs: PathBuf,
    catalogue: PathBuf,
    identity: PathBuf,
}

impl Previous {
    pub(crate) fn of(system: &PrivateSystem) -> Self {
        let made = || folders::workspace().join("target/upgrade/previous");
        let programs = std::env::var_os(VARIABLE).map_or_else(made, PathBuf::from);
        let catalogue = system.folder().join("previous-catalogue");
        catalogue::reopened(&programs.join("catalogue"), &catalogue).expect("its benefits");
        // one issuer: what one may do is a later setting
        let identity = system.identity_folder().join("previous.toml");
        let keys = Mint::jwks_file(Path::new(""));
        let issuer = format!(
            "[[issuers]]\nissuer = \"{}\"\naudience = \"{}\"\njwks_file = \"{}\"\n\
             algorithms = [\"EdDSA\", \"RS256\"]\n",
            mint::ISSUER,
            mint::AUDIENCE,
            keys.display()
        );
        fs::write(&identity, issuer).expect("a file");
        Self {
            programs,
            catalogue,
            identity,
        }
    }

    /// Makes its schema in an empty database.
    pub(crate) fn migrate(&self, system: &PrivateSystem) {
        let mut worker = Command::new(self.programs.join("worker"));
        let migrated = worker.arg("migrate").env("DATABASE_URL", system.database_url());
        assert!(migrated.status().expect("the earlier worker").success());
    }

    /// Starts a part at the address that the system has chosen for it, and waits until it is ready.
    pub(crate) async fn start(&self, system: &PrivateSystem, part: Part) {
        let process = system.process(part);
        process.start(&self.spec(system, part)).await.expect("it starts");
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(2));
        let client = client.build().expect("a client");
        let pages =
            [system.url(part), system.internal_url(part)].map(|url| url.expect("its address") + "/readyz");
        eventually(SOON, async || {
            assert!(
                process.is_running(),
                "{part} of the earlier revision has ended: {}",
                process.log().display()
            );
            for page in &pages {
                let answer = client.get(page).send().await;
                if answer.is_ok_and(|answer| answer.status().is_success()) {
                    return true;
                }
            }
            false
        })
        .await;
    }

    /// Names that an earlier revision does not know do no harm. Its users at the servers may do
    /// everything: it may have had no users of its own.
    fn spec(&self, system: &PrivateSystem, part: Part) -> Spec {
        let address =
            |url: Option<String>| url.expect("its address").trim_start_matches("http://").to_owned();
        let of = |part| system.url(part).expect("its address");
        let program = match part {
            Part::Worker(_) => "worker",
            Part::Status | Part::SecondStatus => "status",
            Part::Intake | Part::SecondIntake => "intake",
            Part::IdentityProvider | Part::Portal | Part::Console | Part::Gateway => {
                panic!("{part} is no part of the update")
            }
        };
        Spec::new(self.programs.join(program))
            .env("INTAKE_ADDR", address(system.url(part)))
            .env("STATUS_ADDR", address(system.url(part)))
            .env("WORKER_ADDR", address(system.url(part)))
            .env("INTERNAL_ADDR", address(system.internal_url(part)))
            .env("AMQP_URL", system.amqp_url())
            .env("TOPOLOGY", "declare")
            .env("DATABASE_URL", system.database_url())
            .env("CATALOGUE", &self.catalogue)
            .env("IDENTITY_CONFIG", &self.identity)
            .env("RECEIPT_KEYS", system.folder().join("receipt-keys.json"))
            .env("APPLICATION_ID_SECRET", SECRET)
            .env("INTAKE_PUBLIC_URL", of(Part::Intake))
            .env("STATUS_PUBLIC_URL", of(Part::Status))
            .env("RECEIPT_JWKS_URL", of(Part::Intake) + "/.well-known/jwks.json")
    }
}
