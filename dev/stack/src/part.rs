//! The processes of the local system, by name.

use std::fmt;
use std::str::FromStr;

/// A process of the local system that isn't one of the two servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The identity provider.
    IdentityProvider,
    /// `services/intake`.
    Intake,
    /// A second process of it, which runs only when a caller starts it.
    SecondIntake,
    /// `services/worker`, one of several processes, counted from 1.
    Worker(u16),
    /// `services/status`.
    Status,
    /// A second process of it, which runs only when a caller starts it.
    SecondStatus,
    /// `services/portal`.
    Portal,
    /// `services/console`.
    Console,
    /// nginx in front of portal, intake and status: one address for browsers; and another one in
    /// front of the console.
    Gateway,
}

impl Part {
    /// Returns the name of its internal address, if that is separate.
    pub(crate) fn internal_name(self) -> Option<String> {
        match self {
            Self::IdentityProvider | Self::Worker(_) | Self::Gateway => None,
            Self::Intake
            | Self::SecondIntake
            | Self::Status
            | Self::SecondStatus
            | Self::Portal
            | Self::Console => Some(format!("{self}-internal")),
        }
    }

    /// Returns the name of its port with TLS, which is used where the system has three sites.
    pub(crate) fn tls_name(self) -> Option<String> {
        (self == Self::Gateway).then(|| format!("{self}-tls"))
    }

    /// Returns the name of its address for operators' browsers, if it has one.
    pub(crate) fn operators_name(self) -> Option<String> {
        (self == Self::Gateway).then(|| format!("{self}-console"))
    }

    /// Returns the path of its internal address that succeeds once it can work.
    pub(crate) fn ready_path(self) -> &'static str {
        match self {
            Self::IdentityProvider => "/.well-known/openid-configuration",
            Self::Intake
            | Self::SecondIntake
            | Self::Worker(_)
            | Self::Status
            | Self::SecondStatus
            | Self::Portal
            | Self::Console => "/readyz",
            // through the gateway to the portal
            Self::Gateway => "/it/",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IdentityProvider => f.write_str("identity-provider"),
            Self::Intake => f.write_str("intake"),
            Self::SecondIntake => f.write_str("intake-2"),
            Self::Worker(number) => write!(f, "worker-{number}"),
            Self::Status => f.write_str("status"),
            Self::SecondStatus => f.write_str("status-2"),
            Self::Portal => f.write_str("portal"),
            Self::Console => f.write_str("console"),
            Self::Gateway => f.write_str("gateway"),
        }
    }
}

/// The text names no process of the local system.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no process is called {0}")]
pub struct UnknownPart(String);

impl FromStr for Part {
    type Err = UnknownPart;

    fn from_str(text: &str) -> Result<Self, UnknownPart> {
        let worker = || text.strip_prefix("worker-")?.parse().ok().map(Self::Worker);
        match text {
            "identity-provider" => Ok(Self::IdentityProvider),
            "intake" => Ok(Self::Intake),
            "intake-2" => Ok(Self::SecondIntake),
            "status" => Ok(Self::Status),
            "status-2" => Ok(Self::SecondStatus),
            "portal" => Ok(Self::Portal),
            "console" => Ok(Self::Console),
            "gateway" => Ok(Self::Gateway),
            other => worker().ok_or_else(|| UnknownPart(other.to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_back_to_its_part() {
        for part in [
            Part::IdentityProvider,
            Part::Intake,
            Part::SecondIntake,
            Part::Worker(12),
            Part::Status,
            Part::SecondStatus,
            Part::Portal,
            Part::Console,
            Part::Gateway,
        ] {
            assert_eq!(part.to_string().parse(), Ok(part));
        }
        assert!("worker".parse::<Part>().is_err());
    }
}
