//! How each part of the system is started: its program, its settings, its configuration.

use std::fs;
use std::path::{Path, PathBuf};

use crate::mint::{self, Mint};
use crate::{Part, Result, Spec, System, catalogue, folders, state};

/// Settings of the caller that reach the services: what to log, where to send traces.
const PASSED_ON: [&str; 2] = ["RUST_LOG", "OTEL_"];

/// How much a worker leaves to others where the cores are too few: what is in the queue can wait, who waits for an answer
/// can't.
const GIVES_WAY: u8 = 10;

/// How long it waits for the end of a crowd, in seconds.
const CROWD_PATIENCE: &str = "60";

/// Where intake keeps applications while the broker is away, if it is told to.
const SPOOL: &str = "SPOOL_FOLDER";

impl System {
    pub(crate) fn spec(&self, part: Part) -> Result<Spec> {
        let mut spec = match part {
            Part::IdentityProvider => return self.identity_provider_spec(),
            Part::Intake | Part::SecondIntake => self.intake_spec(part)?,
            Part::Worker(_) => self.worker_spec(part)?,
            Part::Status | Part::SecondStatus => self.status_spec(part)?,
        };
        let settings = self.memory.setup.settings.iter().chain(self.settings_of(part));
        spec.environment
            .extend(settings.map(|(name, value)| (name.clone(), value.into())));
        spec.niceness += self.memory.setup.niceness;
        // two processes never share one; a folder that is named without a path goes with the system
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
        let spec = self
            .service("worker", "WORKER_ADDR", part)
            .nice(GIVES_WAY)
            .env("CROWD_PATIENCE_SECONDS", CROWD_PATIENCE)
            .env("AMQP_URL", self.amqp_url())
            .env("DATABASE_URL", self.database_url());
        self.with_catalogue(spec)
    }

    fn intake_spec(&self, part: Part) -> Result<Spec> {
        let spec = self
            .service("intake", "INTAKE_ADDR", part)
            .env("AMQP_URL", self.amqp_url())
            .env("RECEIPT_KEYS", self.folder.join("receipt-keys.json"))
            .env("APPLICATION_ID_SECRET", &self.memory.application_id_secret)
            .env("INTAKE_PUBLIC_URL", self.url(Part::Intake).unwrap_or_default())
            .env("STATUS_PUBLIC_URL", self.url(Part::Status).unwrap_or_default());
        self.with_identity_config(self.with_catalogue(spec)?)
    }

    /// Where the benefits are: the shipped ones, open today, and whatever is put there.
    #[must_use]
    pub fn catalogue_folder(&self) -> PathBuf {
        self.folder.join("catalogue")
    }

    /// Copies the benefits that are not there yet. Services follow the folder, so that they need no new start.
    fn with_catalogue(&self, spec: Spec) -> Result<Spec> {
        let folder = self.catalogue_folder();
        catalogue::reopened(&self.memory.setup.catalogue, &folder)?;
        Ok(spec.env("CATALOGUE", folder))
    }

    fn status_spec(&self, part: Part) -> Result<Spec> {
        let intake = self.url(Part::Intake).unwrap_or_default();
        let spec = self
            .service("status", "STATUS_ADDR", part)
            .env("DATABASE_URL", self.database_url())
            .env("APPLICATION_ID_SECRET", &self.memory.application_id_secret)
            .env("STATUS_PUBLIC_URL", self.url(Part::Status).unwrap_or_default())
            .env("RECEIPT_JWKS_URL", intake + "/.well-known/jwks.json");
        self.with_identity_config(spec)
    }

    fn service(&self, program: &str, address: &str, part: Part) -> Spec {
        let program = self.memory.setup.programs.join(program);
        let address_of = |url: String| url.trim_start_matches("http://").to_owned();
        let mut spec = Spec::new(&program).env(address, self.url(part).map(address_of).unwrap_or_default());
        spec.made_of.push(program);
        let wanted = |name: &String| PASSED_ON.iter().any(|prefix| name.starts_with(prefix));
        let settings =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        spec.environment.extend(settings.filter(|(name, _)| wanted(name)));
        spec
    }

    /// Where the keys of the identity provider and of the mint are.
    #[must_use]
    pub fn identity_folder(&self) -> PathBuf {
        self.folder.join("identity")
    }

    fn identity_provider_spec(&self) -> Result<Spec> {
        let folder = self.identity_folder();
        folders::create(&folder)?;
        let url = self.url(Part::IdentityProvider).unwrap_or_default();
        let port = url.rsplit(':').next().unwrap_or_default();
        let mut spec = Spec::new("node")
            .arg(self.memory.setup.identity_provider.join("server.js"))
            .env("PORT", port)
            .env("ISSUER", &url)
            .env("KEYS_FILE", folder.join("keys.json"));
        spec.made_of = files_of(&self.memory.setup.identity_provider);
        Ok(spec)
    }

    /// Writes which issuers the services trust: the identity provider, and the mint of invented citizens.
    fn with_identity_config(&self, mut spec: Spec) -> Result<Spec> {
        let folder = self.identity_folder();
        folders::create(&folder)?;
        Mint::open(&folder)?;
        let content = self.identity_config(&self.url(Part::IdentityProvider).unwrap_or_default());
        let path = folder.join("identity.toml");
        // only when it changes: services are started anew then
        if fs::read_to_string(&path).ok().as_ref() != Some(&content) {
            state::write_private(&path, content.as_bytes())?;
        }
        spec.made_of.push(path.clone());
        Ok(spec.env("IDENTITY_CONFIG", path))
    }

    /// Which issuers the services trust, where the identity provider's keys are fetched from this base address: its own
    /// or a detour to it. The file belongs into [`System::identity_folder`].
    #[must_use]
    pub fn identity_config(&self, keys_from: &str) -> String {
        let issuer = self.url(Part::IdentityProvider).unwrap_or_default();
        let (audience, generated) = (mint::AUDIENCE, mint::ISSUER);
        // relative to the configuration's own folder
        let jwks_file = Mint::jwks_file(Path::new(""));
        format!(
            "[[issuers]]\n\
             issuer = \"{issuer}\"\n\
             audience = \"{audience}\"\n\
             jwks_url = \"{keys_from}/jwks\"\n\
             algorithms = [\"ES256\"]\n\
             \n\
             [[issuers]]\n\
             issuer = \"{generated}\"\n\
             audience = \"{audience}\"\n\
             jwks_file = \"{}\"\n\
             algorithms = [\"EdDSA\", \"RS256\"]\n",
            jwks_file.display()
        )
    }
}

/// The files directly in a folder.
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
