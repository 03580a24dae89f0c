//! A user for each service at the servers, with the rights that it has in an installation.
//!
//! User and password are derived from an administrator's address, so each holder of that address
//! can derive the others. The password is a digest, which does not reveal the administrator's.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use reqwest::Url;
use serde_json::{Value, json};

/// The statement that makes the roles; it can be repeated.
const ROLES: &str = include_str!("../../../shared/store/migrations/0011_roles.sql");

/// Users of the broker and their permissions, as an installation imports them.
const BROKER: &str = include_str!("../../../deploy/compose/rabbitmq.json");

/// A service that connects with rights of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// `services/intake`.
    Intake,
    /// `services/worker`.
    Worker,
    /// `services/status`.
    Status,
    /// The operators' console.
    Console,
    /// Monitoring of the broker's cluster, by workers and consoles.
    Monitor,
}

impl Account {
    pub(crate) const ALL: [Self; 5] = [
        Self::Intake,
        Self::Worker,
        Self::Status,
        Self::Console,
        Self::Monitor,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::Worker => "worker",
            Self::Status => "status",
            Self::Console => "console",
            Self::Monitor => "monitor",
        }
    }

    /// Returns its permissions at the broker, as the management API takes them; status has no
    /// access.
    pub(crate) fn permissions(self) -> Option<Value> {
        let own = self.defined("permissions", "user")?;
        Some(json!({ "configure": own["configure"], "write": own["write"], "read": own["read"] }))
    }

    /// Returns its user at the broker, with a password derived from the administrator's, as the
    /// management API takes it.
    pub(crate) fn broker_user(self, administrators: &str) -> Value {
        let tags = self.defined("users", "name").map(|own| own["tags"].clone());
        json!({ "password": self.password(administrators), "tags": tags.unwrap_or_default() })
    }

    fn defined(self, kind: &str, name: &str) -> Option<Value> {
        let definitions: Value = serde_json::from_str(BROKER).ok()?;
        let mut all = definitions[kind].as_array()?.iter();
        all.find(|one| one[name] == self.as_str()).cloned()
    }

    /// Returns its role in the database; intake and the broker's monitoring have no access.
    fn database_role(self) -> Option<&'static str> {
        match self {
            Self::Intake | Self::Monitor => None,
            Self::Worker => Some("sportello_worker"),
            Self::Status => Some("sportello_status"),
            Self::Console => Some("sportello_console"),
        }
    }

    /// Returns the service's address, derived from an administrator's address of the same server or
    /// servers, with commas between their hosts. Returns an address without a user, or a text that
    /// is not an address, unchanged.
    #[must_use]
    pub fn address(self, administrators: &str) -> String {
        let (one, others) = first_host(administrators);
        let address = self.address_at_one(&one);
        if others.is_empty() {
            address
        } else {
            with_hosts(&address, others)
        }
    }

    fn address_at_one(self, administrators: &str) -> String {
        let Ok(mut url) = Url::parse(administrators) else {
            return administrators.to_owned();
        };
        let user = self.user(url.username());
        let password = self.password(url.password().unwrap_or_default());
        match url.set_username(&user).and(url.set_password(Some(&password))) {
            Ok(()) => url.into(),
            Err(()) => administrators.to_owned(),
        }
    }

    /// Returns the name of its user, derived from the administrator's.
    pub(crate) fn user(self, administrator: &str) -> String {
        format!("{administrator}_as_{}", self.as_str())
    }

    fn password(self, administrators: &str) -> String {
        let text = format!("{administrators} as {}", self.as_str());
        BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
    }
}

/// Splits the hosts after the first one off an address, with their commas.
fn first_host(address: &str) -> (String, &str) {
    let user = address.rfind('@').map_or(0, |at| at + 1);
    let end = address[user..].find('/').map_or(address.len(), |at| user + at);
    match address[user..end].find(',') {
        None => (address.to_owned(), ""),
        Some(comma) => {
            let (one, rest) = (&address[..user + comma], &address[end..]);
            (format!("{one}{rest}"), &address[user + comma..end])
        }
    }
}

/// Adds hosts to an address with one.
fn with_hosts(address: &str, others: &str) -> String {
    let user = address.rfind('@').map_or(0, |at| at + 1);
    let end = address[user..].find('/').map_or(address.len(), |at| user + at);
    let (before, path) = address.split_at(end);
    format!("{before}{others}{path}")
}

/// Returns the SQL that makes the roles and their users, for an administrator's name and password.
/// It can be repeated; existing users stay as they are. Statements end with an empty line.
#[must_use]
pub fn database_users(administrator: &str, password: &str) -> String {
    let users = Account::ALL.into_iter().filter_map(|service| {
        let role = service.database_role()?;
        let user = service.user(administrator).replace('"', "\"\"");
        let password = service.password(password);
        Some(format!(
            "do $$ begin create role \"{user}\" login password '{password}' in role {role};\n\
             exception when duplicate_object or unique_violation then null; end $$;\n\n"
        ))
    });
    format!("{ROLES}\n{}", users.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_has_no_way_to_the_broker() {
        let with_permissions = Account::ALL.map(|account| account.permissions().is_some());
        assert_eq!(with_permissions, [true, true, false, true, true]);
    }

    #[test]
    fn a_services_address_differs_in_user_and_password_alone() {
        let administrators = "postgres://owner:secret@127.0.0.1:5432/sportello";
        let status = Account::Status.address(administrators);
        assert!(
            status.starts_with("postgres://owner_as_status:")
                && status.ends_with("@127.0.0.1:5432/sportello")
        );
        assert!(!status.contains("secret"));
        assert_ne!(status, Account::Worker.address(administrators));
    }

    #[test]
    fn a_services_address_names_all_hosts_of_the_administrators() {
        let one = Account::Intake.address("amqp://owner:secret@127.0.0.1:1/%2f");
        let all = Account::Intake.address("amqp://owner:secret@127.0.0.1:1,127.0.0.1:2/%2f");
        assert_eq!(all, one.replace("127.0.0.1:1/", "127.0.0.1:1,127.0.0.1:2/"));
    }
}
