//! The caller.

use std::fmt;

use sportello_domain::{OrganisationId, PersonName, Submitter, TaxCode};

/// The caller that a verified token names.
#[derive(Clone, PartialEq, Eq)]
pub enum Caller {
    /// A person who acts for themself.
    Citizen(Citizen),
    /// An organisation that acts for others, with their mandate.
    Intermediary {
        /// The organisation.
        organisation: OrganisationId,
        /// Its employee or its system.
        subject: SubjectId,
    },
    /// A member of staff who operates the service.
    Operator {
        /// The member of staff.
        subject: SubjectId,
    },
}

/// A subject as its issuer names it: a name is unique only within its issuer (OpenID Connect Core,
/// section 2). Personal data.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SubjectId {
    issuer: Box<str>,
    name: Box<str>,
}

/// A person who logged in.
#[derive(Clone, PartialEq, Eq)]
pub struct Citizen {
    /// Codice fiscale.
    pub tax_code: TaxCode,
    /// Given name, if the token has it.
    pub given_name: Option<PersonName>,
    /// Family name, if the token has it.
    pub family_name: Option<PersonName>,
}

impl Caller {
    /// Returns the submitter of this caller's applications; `None` for an operator, who sends none.
    #[must_use]
    pub fn submitter(&self) -> Option<Submitter> {
        match self {
            Self::Citizen(citizen) => Some(Submitter::Citizen(citizen.tax_code.clone())),
            Self::Intermediary { organisation, .. } => Some(Submitter::Intermediary(organisation.clone())),
            Self::Operator { .. } => None,
        }
    }

    /// Whether the caller may send an application for the person with this tax code. A citizen may
    /// do so only for themself, an intermediary for any person, an operator for no person.
    #[must_use]
    pub fn may_apply_for(&self, applicant: &TaxCode) -> bool {
        match self {
            Self::Citizen(citizen) => citizen.tax_code == *applicant,
            Self::Intermediary { .. } => true,
            Self::Operator { .. } => false,
        }
    }
}

impl SubjectId {
    /// Makes the subject that `issuer` calls `name`.
    #[must_use]
    pub fn new(issuer: &str, name: &str) -> Self {
        Self {
            issuer: issuer.into(),
            name: name.into(),
        }
    }

    /// Returns the issuer: the `iss` of its tokens, at most 255 bytes.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Returns the issuer's name for it: the `sub` of its tokens, 1 to 255 printable ASCII
    /// characters.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Debug for SubjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubjectId(***)")
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Citizen(citizen) => citizen.fmt(f),
            Self::Intermediary { organisation, .. } => write!(f, "Intermediary({organisation}, ***)"),
            Self::Operator { .. } => f.write_str("Operator(***)"),
        }
    }
}

impl fmt::Debug for Citizen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Citizen(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tax_code(text: &str) -> TaxCode {
        TaxCode::parse(text).unwrap()
    }

    fn callers() -> [Caller; 3] {
        let tax_code = tax_code("RSSMRA80A01H501U");
        let organisation = OrganisationId::parse("patronato-aurora").unwrap();
        [
            Caller::Citizen(Citizen {
                tax_code,
                given_name: None,
                family_name: None,
            }),
            Caller::Intermediary {
                organisation,
                subject: SubjectId::new("https://issuer.test", "irene"),
            },
            Caller::Operator {
                subject: SubjectId::new("https://issuer.test", "olga"),
            },
        ]
    }

    #[test]
    fn a_citizen_applies_only_for_themself_and_an_operator_for_nobody() {
        let may = |code: &str| callers().map(|caller| caller.may_apply_for(&tax_code(code)));
        assert_eq!(may("RSSMRA80A01H501U"), [true, true, false]);
        assert_eq!(may("RNLMRT84C52H501S"), [false, true, false]);
    }

    #[test]
    fn debug_shows_nobody() {
        let shown = callers().map(|caller| format!("{caller:?}"));
        assert_eq!(
            shown,
            [
                "Citizen(***)",
                "Intermediary(patronato-aurora, ***)",
                "Operator(***)"
            ]
        );
    }

    #[test]
    fn operators_send_no_applications() {
        assert_eq!(
            callers().map(|caller| caller.submitter().is_some()),
            [true, true, false]
        );
    }
}
