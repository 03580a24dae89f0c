//! Who is calling.

use std::fmt;

use sportello_domain::{OrganisationId, PersonName, Submitter, TaxCode};

/// Who a verified token says is calling.
#[derive(Clone, PartialEq, Eq)]
pub enum Caller {
    /// A person, for themself.
    Citizen(Citizen),
    /// An organisation that acts for others, with their mandate.
    Intermediary {
        /// The organisation.
        organisation: OrganisationId,
        /// Its employee or its system, as the issuer names them. Personal data.
        subject: String,
    },
    /// Staff who look after the service.
    Operator {
        /// As the issuer names them. Personal data.
        subject: String,
    },
}

/// A person who logged in.
#[derive(Clone, PartialEq, Eq)]
pub struct Citizen {
    /// Codice fiscale.
    pub tax_code: TaxCode,
    /// Given name, where the issuer says it.
    pub given_name: Option<PersonName>,
    /// Family name, where the issuer says it.
    pub family_name: Option<PersonName>,
}

impl Caller {
    /// As whom an application is sent; an operator sends none.
    #[must_use]
    pub fn submitter(&self) -> Option<Submitter> {
        match self {
            Self::Citizen(citizen) => Some(Submitter::Citizen(citizen.tax_code.clone())),
            Self::Intermediary { organisation, .. } => Some(Submitter::Intermediary(organisation.clone())),
            Self::Operator { .. } => None,
        }
    }

    /// Whether the caller may send an application for the person with this tax code:
    /// a citizen only for themself, an intermediary for whoever gave it a mandate, an operator for nobody.
    #[must_use]
    pub fn may_apply_for(&self, applicant: &TaxCode) -> bool {
        match self {
            Self::Citizen(citizen) => citizen.tax_code == *applicant,
            Self::Intermediary { .. } => true,
            Self::Operator { .. } => false,
        }
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
                subject: "irene".to_owned(),
            },
            Caller::Operator {
                subject: "olga".to_owned(),
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
