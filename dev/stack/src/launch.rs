//! Start of each part of the system: its program, settings and configuration.

use std::fs;
use std::path::{Path, PathBuf};

use sportello_people::mint::{self, Mint};

use crate::system::MOST_WORKERS;
use crate::{Account, Part, Result, Spec, System, catalogue, folders, state};

/// The caller's settings that are passed to the services: logging, and the address for traces.
const PASSED_ON: [&str; 2] = ["RUST_LOG", "OTEL_"];

/// Niceness of a worker when cores are scarce: queued applications can wait, callers can't.
const GIVES_WAY: u8 = 10;

/// Longest pause of a worker during overload, in seconds.
const OVERLOAD_PAUSE: &str = "60";

/// Variable for the folder in which intake keeps applications while the broker is away.
const SPOOL: &str = "SPOOL_FOLDER";

/// Variable for the address of a service's health pages and metrics.
const INTERNAL: &str = "INTERNAL_ADDR";

impl System {
    pub(crate) fn spec(&self, part: Part) -> Result<Spec> {
        let mut spec = match part {
            Part::IdentityProvider => return self.identity_provider_spec(),
            Part::Intake | Part::SecondIntake => self.intake_spec(part)?,
            Part::Worker(_) => self.worker_spec(part)?,
            Part::Status | Part::SecondStatus => self.status_spec(part)?,
            Part::Portal => self.portal_spec()?,
            Part::Console => self.console_spec()?,
            Part::Gateway => return self.gateway_spec(),
        };
        let settings = self.memory.setup.settings.iter().chain(self.settings_of(part));
        spec.environment
            .extend(settings.map(|(name, value)| (name.clone(), value.into())));
        spec.niceness += self.memory.setup.niceness;
        // each process has its own; a name without a path is a folder inside the system's
        if let Some(spool) = spec.environment.get_mut(SPOOL) {
            *spool = self.folder.join(&*spool).join(part.to_string()).into();
        }
        Ok(spec)
    }

    fn settings_of(&self, part: Part) -> impl Iterator<Item = (&String, &String)> {
        let every_worker = matches!(part, Part::Worker(_)).then_some("worker");
        let by_part = &self.memory.setup.settings_by_part;
        let names = every_worker
            .map(str::to_owned)
            .into_iter()
            .chain([part.to_string()]);
        names.filter_map(|name| by_part.get(&name)).flatten()
    }

    fn worker_spec(&self, part: Part) -> Result<Spec> {
        let mut spec = self
            .service("worker", INTERNAL, part)
            .nice(GIVES_WAY)
            .env("OVERLOAD_PAUSE_SECONDS", OVERLOAD_PAUSE)
            .env("AMQP_URL", self.amqp_url_of(Account::Worker))
            .env("DATABASE_URL", self.database_url_of(Account::Worker));
        if let Some(url) = self.management_url() {
            spec = spec.env("MANAGEMENT_URL", Account::Monitor.address(&url));
        }
        self.with_catalogue(spec)
    }

    fn intake_spec(&self, part: Part) -> Result<Spec> {
        let spec = self
            .service("intake", "INTAKE_ADDR", part)
            .env("AMQP_URL", self.amqp_url_of(Account::Intake))
            .env("RECEIPT_KEYS", self.receipt_keys())
            .env("APPLICATION_ID_SECRET", &self.memory.application_id_secret)
            .env("INTAKE_PUBLIC_URL", self.public_url(Part::Intake))
            .env("STATUS_PUBLIC_URL", self.public_url(Part::Status));
        self.with_identity_config(self.with_catalogue(spec)?)
    }

    /// Returns the file with the receipt keys.
    pub(crate) fn receipt_keys(&self) -> PathBuf {
        self.folder.join("receipt-keys.json")
    }

    /// Returns the folder of the benefits: the shipped ones, open today, and any added files.
    #[must_use]
    pub fn catalogue_folder(&self) -> PathBuf {
        self.folder.join("catalogue")
    }

    /// Copies the missing benefits. Services follow the folder, so they need no restart.
    fn with_catalogue(&self, spec: Spec) -> Result<Spec> {
        let folder = self.catalogue_folder();
        catalogue::reopened(&self.memory.setup.catalogue, &folder)?;
        Ok(spec.env("CATALOGUE", folder))
    }

    fn status_spec(&self, part: Part) -> Result<Spec> {
        let intake = self.url(Part::Intake).unwrap_or_default();
        let spec = self
            .service("status", "STATUS_ADDR", part)
            .env("DATABASE_URL", self.database_url_of(Account::Status))
            .env("APPLICATION_ID_SECRET", &self.memory.application_id_secret)
            .env("STATUS_PUBLIC_URL", self.public_url(Part::Status))
            .env("RECEIPT_JWKS_URL", intake + "/.well-known/jwks.json");
        self.with_identity_config(spec)
    }

    fn portal_spec(&self) -> Result<Spec> {
        let of = |part| self.url(part).unwrap_or_default();
        let assets = self.memory.setup.portal_assets.clone().unwrap_or_default();
        let mut spec = self
            .service("portal", "LISTEN", Part::Portal)
            .env("PUBLIC_URL", self.public_url(Part::Portal))
            .env("ASSETS", assets)
            .env("ASSETS_KEPT", self.folder.join("portal-assets"))
            .env("KEYS_KEPT", self.folder.join("portal-keys.json"))
            .env("ISSUER", self.public_url(Part::IdentityProvider))
            .env("INTAKE_INTERNAL_URL", of(Part::Intake))
            .env("STATUS_INTERNAL_URL", of(Part::Status));
        if let Some(api) = self.site(Part::Intake) {
            spec = spec.env("INTAKE_URL", &api).env("STATUS_URL", &api);
        }
        self.with_catalogue(spec)
    }

    fn console_spec(&self) -> Result<Spec> {
        let of = |part| self.url(part).unwrap_or_default();
        let internal = |part| {
            let url = self.internal_url(part).unwrap_or_default();
            url.trim_start_matches("http://").to_owned()
        };
        let workers: Vec<String> = (1..=MOST_WORKERS).map(Part::Worker).map(internal).collect();
        let mut spec = self
            .service("console", "CONSOLE_ADDR", Part::Console)
            .env("DATABASE_URL", self.database_url_of(Account::Console))
            .env("AMQP_URL", self.amqp_url_of(Account::Console))
            .env("INTAKE_ADDRS", internal(Part::Intake))
            .env("STATUS_ADDRS", internal(Part::Status))
            .env("WORKER_ADDRS", workers.join(","))
            .env("WORKERS_CEILING", MOST_WORKERS.to_string())
            // every day is an opening day here: the benefits are opened anew
            .env("WORKERS_ON_OPENING_DAY", "1");
        if let Some(assets) = &self.memory.setup.portal_assets {
            spec = spec
                .env("PORTAL_ADDRS", internal(Part::Portal))
                .env("ASSETS", assets)
                .env("ISSUER", of(Part::IdentityProvider));
        }
        if let Some(metrics) = self.broker_metrics() {
            spec = spec.env("BROKER_METRICS_ADDRS", metrics);
        }
        if let Some(command) = &self.memory.setup.worker_command {
            spec = spec
                .env("WORKER_HAND", "local")
                .env("WORKER_HAND_COMMAND", command);
        }
        self.with_identity_config(self.with_catalogue(spec)?)
    }

    fn service(&self, program: &str, address: &str, part: Part) -> Spec {
        let program = self.memory.setup.programs.join(program);
        let address_of = |url: String| url.trim_start_matches("http://").to_owned();
        let mut spec = Spec::new(&program)
            .env(address, self.url(part).map(address_of).unwrap_or_default())
            .env(
                INTERNAL,
                self.internal_url(part).map(address_of).unwrap_or_default(),
            );
        spec.made_of.push(program);
        let wanted = |name: &String| PASSED_ON.iter().any(|prefix| name.starts_with(prefix));
        let settings =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        spec.environment.extend(settings.filter(|(name, _)| wanted(name)));
        spec
    }

    /// Returns the folder with the keys of the identity provider and of the mint.
    #[must_use]
    pub fn identity_folder(&self) -> PathBuf {
        self.folder.join("identity")
    }

    fn identity_provider_spec(&self) -> Result<Spec> {
        let folder = self.identity_folder();
        folders::create(&folder)?;
        let url = self.url(Part::IdentityProvider).unwrap_or_default();
        let port = url.rsplit(':').next().unwrap_or_default().to_owned();
        let mut spec = Spec::new("node")
            .arg(self.memory.setup.identity_provider.join("server.js"))
            .env("PORT", port)
            .env("ISSUER", self.public_url(Part::IdentityProvider))
            .env("KEYS_FILE", folder.join("keys.json"));
        if let Some(portal) = self.site(Part::Portal) {
            spec = spec.env("PORTAL_URL", portal);
        }
        spec.made_of = files_of(&self.memory.setup.identity_provider);
        Ok(spec)
    }

    /// Writes the configuration of trusted issuers: the identity provider, and the mint of invented
    /// citizens.
    fn with_identity_config(&self, mut spec: Spec) -> Result<Spec> {
        let folder = self.identity_folder();
        folders::create(&folder)?;
        Mint::open(&folder)?;
        let content = self.identity_config(&self.url(Part::IdentityProvider).unwrap_or_default());
        let path = folder.join("identity.toml");
        // written only when it changes: a change restarts the services
        if fs::read_to_string(&path).ok().as_ref() != Some(&content) {
            state::write_private(&path, content.as_bytes())?;
        }
        spec.made_of.push(path.clone());
        if let Some(portal) = self.site(Part::Portal) {
            spec = spec.env("CORS_ORIGINS", portal);
        }
        Ok(spec.env("IDENTITY_CONFIG", path))
    }

    /// Returns the configuration of trusted issuers. `keys_from` is the base address for the
    /// identity provider's keys: its own or a proxy's. The file belongs in
    /// [`System::identity_folder`].
    #[must_use]
    pub fn identity_config(&self, keys_from: &str) -> String {
        let issuer = self.public_url(Part::IdentityProvider);
        let (audience, generated) = (mint::AUDIENCE, mint::ISSUER);
        // relative to the configuration's own folder
        let jwks_file = Mint::jwks_file(Path::new(""));
        let (both, all) = (
            r#""citizen", "intermediary""#,
            r#""citizen", "intermediary", "operator""#,
        );
        let (its, generated_may) = if self.memory.setup.generated_operators {
            (both, all)
        } else {
            (all, both)
        };
        format!(
            "[[issuers]]\n\
             issuer = \"{issuer}\"\n\
             audience = \"{audience}\"\n\
             jwks_url = \"{keys_from}/jwks\"\n\
             algorithms = [\"ES256\"]\n\
             may = [{its}]\n\
             organisations = \"all\"\n\
             \n\
             [[issuers]]\n\
             issuer = \"{generated}\"\n\
             audience = \"{audience}\"\n\
             jwks_file = \"{}\"\n\
             algorithms = [\"EdDSA\", \"RS256\"]\n\
             may = [{generated_may}]\n\
             organisations = \"all\"\n",
            jwks_file.display()
        )
    }
}

/// Returns the files directly in a folder.
fn files_of(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.is_file()).collect();
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Setup;

    #[test]
    fn settings_reach_every_service_however_it_is_started_and_go_before_others() {
        let folder = tempfile::tempdir().unwrap();
        let settings = [("LIMIT", "7"), ("DATABASE_URL", "another")];
        let setup = Setup {
            catalogue: catalogue::shipped(),
            settings: settings.map(|(name, value)| (name.into(), value.into())).into(),
            ..Setup::default()
        };
        System::at(folder.path()).unwrap().set_up(setup).unwrap();

        let later = System::at(folder.path()).unwrap();
        for part in [Part::Intake, Part::Worker(2), Part::Status] {
            let spec = later.spec(part).unwrap();
            for (name, value) in settings {
                assert_eq!(spec.environment[name], value, "{part}");
            }
        }
        let provider = later.spec(Part::IdentityProvider).unwrap();
        assert!(!provider.environment.contains_key("LIMIT"));
    }

    #[test]
    fn all_services_can_leave_the_cores_to_others_and_a_worker_still_leaves_more() {
        let folder = tempfile::tempdir().unwrap();
        let setup = Setup {
            catalogue: catalogue::shipped(),
            niceness: 5,
            ..Setup::default()
        };
        let mut system = System::at(folder.path()).unwrap();
        system.set_up(setup).unwrap();
        let niceness = |part| system.spec(part).unwrap().niceness;
        assert_eq!(niceness(Part::Intake), 5);
        assert_eq!(niceness(Part::Status), 5);
        assert_eq!(niceness(Part::Worker(1)), 15);
    }

    #[test]
    fn settings_of_a_part_reach_it_alone_and_go_before_those_of_all() {
        let folder = tempfile::tempdir().unwrap();
        let one = |name: &str, value: &str| [(name.to_owned(), value.to_owned())].into();
        let setup = Setup {
            catalogue: catalogue::shipped(),
            settings: one("LIMIT", "7"),
            settings_by_part: [
                ("worker".to_owned(), one("LIMIT", "8")),
                ("worker-2".to_owned(), one("LIMIT", "9")),
            ]
            .into(),
            ..Setup::default()
        };
        let mut system = System::at(folder.path()).unwrap();
        system.set_up(setup).unwrap();
        for (part, limit) in [
            (Part::Intake, "7"),
            (Part::Worker(1), "8"),
            (Part::Worker(2), "9"),
        ] {
            assert_eq!(system.spec(part).unwrap().environment["LIMIT"], limit, "{part}");
        }
    }

    #[test]
    fn each_part_has_a_spool_of_its_own_in_the_systems_folder() {
        let folder = tempfile::tempdir().unwrap();
        let setup = Setup {
            catalogue: catalogue::shipped(),
            settings: [(SPOOL.into(), "spool".into())].into(),
            ..Setup::default()
        };
        let mut system = System::at(folder.path()).unwrap();
        system.set_up(setup).unwrap();
        for part in [Part::Intake, Part::SecondIntake] {
            let spec = system.spec(part).unwrap();
            let own = folder.path().join("spool").join(part.to_string());
            assert_eq!(spec.environment[SPOOL], own);
        }
    }
}
