//! Dropping root: PostgreSQL refuses to run as root, and RabbitMQ has no need to.

use std::ffi::OsString;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::Command;

use nix::unistd::{Gid, Uid, User};

use crate::{Error, Result, folders};

/// Capabilities to try: the folder may lie below one that the user can't enter (a checkout under
/// /root), and then the process keeps the one that lets it through. Containers grant the second
/// more often than the first.
const CAPABILITIES: [Option<&str>; 3] = [None, Some("dac_read_search"), Some("dac_override")];

/// The user that a server runs as: the caller, unless that is root.
#[derive(Clone, Debug)]
pub struct RunAs(Option<Dropped>);

#[derive(Clone, Debug)]
struct Dropped {
    uid: Uid,
    gid: Gid,
    capability: Option<&'static str>,
}

impl RunAs {
    /// Makes `folder` (mode 700) and chooses its owner: the previous one, else the first of
    /// `candidates` that exists.
    pub fn owner_of(folder: &Path, candidates: &[&str]) -> Result<Self> {
        folders::create(folder)?;
        if !Uid::effective().is_root() {
            return Ok(Self(None));
        }
        let mut user = Dropped::choose(folder, candidates)?;
        let set = chown(folder, Some(user.uid.as_raw()), Some(user.gid.as_raw()))
            .and_then(|()| std::fs::set_permissions(folder, PermissionsExt::from_mode(0o700)));
        set.map_err(Error::io(format!(
            "give {} to user {}",
            folder.display(),
            user.uid
        )))?;
        user.find_way_to(folder)?;
        Ok(Self(Some(user)))
    }

    /// Gives the user a file that root wrote.
    pub fn hand_over(&self, path: &Path) -> Result<()> {
        let Some(user) = &self.0 else { return Ok(()) };
        chown(path, Some(user.uid.as_raw()), Some(user.gid.as_raw())).map_err(Error::io(format!(
            "give {} to user {}",
            path.display(),
            user.uid
        )))
    }

    /// Returns the prefix of a command line that runs it as the user; the program keeps its process
    /// id.
    pub fn prefix(&self) -> Vec<OsString> {
        self.0.as_ref().map(Dropped::prefix).unwrap_or_default()
    }

    /// Returns the program as a command that runs as the user.
    pub fn command(&self, program: &Path) -> Command {
        let mut words = self.prefix();
        words.push(program.into());
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]);
        command
    }
}

impl Dropped {
    fn choose(folder: &Path, candidates: &[&str]) -> Result<Self> {
        let owner = folder
            .metadata()
            .map_err(Error::io(format!("look at {}", folder.display())))?;
        if owner.uid() != 0 {
            let (uid, gid) = (Uid::from_raw(owner.uid()), Gid::from_raw(owner.gid()));
            return Ok(Self {
                uid,
                gid,
                capability: None,
            });
        }
        candidates
            .iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .map(|user| Self {
                uid: user.uid,
                gid: user.gid,
                capability: None,
            })
            .ok_or_else(|| Error::NoUser(candidates.join(", ")))
    }

    fn find_way_to(&mut self, folder: &Path) -> Result<()> {
        for capability in CAPABILITIES {
            self.capability = capability;
            if self.can_write(folder) {
                return Ok(());
            }
        }
        Err(Error::Unreachable {
            user: self.uid.to_string(),
            folder: folder.to_owned(),
        })
    }

    fn can_write(&self, folder: &Path) -> bool {
        let words = self.prefix();
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).args(["test", "-w"]).arg(folder);
        command.output().is_ok_and(|output| output.status.success())
    }

    fn prefix(&self) -> Vec<OsString> {
        let mut words = vec![
            "setpriv".into(),
            format!("--reuid={}", self.uid),
            format!("--regid={}", self.gid),
        ];
        words.extend(["--clear-groups".into(), "--no-new-privs".into()]);
        if let Some(capability) = self.capability {
            // without the securebit access(2), which Erlang asks first, ignores the capability
            words.push("--securebits=+no_setuid_fixup".into());
            words.push(format!("--inh-caps=+{capability}"));
            words.push(format!("--ambient-caps=+{capability}"));
        }
        words.into_iter().map(OsString::from).collect()
    }
}
