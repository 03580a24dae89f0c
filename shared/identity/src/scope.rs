//! The callers that an issuer may speak for.

use std::collections::BTreeSet;

use serde::Deserialize;
use sportello_domain::OrganisationId;

use crate::error::TokenError;

/// The callers that an issuer may speak for. A token for any other caller is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    citizens: bool,
    organisations: Organisations,
    operators: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Organisations {
    All,
    /// These organisations; an empty set allows none.
    These(BTreeSet<OrganisationId>),
}

/// The setting `organisations`: a list of ids, or `"all"`.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum RawOrganisations {
    Word(String),
    List(Vec<String>),
}

impl Scope {
    /// Returns the scope with every caller: the default of a single issuer.
    fn unlimited() -> Self {
        Self {
            citizens: true,
            organisations: Organisations::All,
            operators: true,
        }
    }

    /// Reads the settings of an issuer. Only a single issuer (`alone`) may leave them out.
    pub(crate) fn read(
        may: Option<&[String]>,
        organisations: Option<&RawOrganisations>,
        alone: bool,
        problem: &mut dyn FnMut(String),
    ) -> Self {
        let Some(may) = may else {
            if !alone {
                problem(
                    "may is missing: with several issuers, list whom this one speaks for, among citizen, \
                     intermediary, operator"
                        .to_owned(),
                );
            }
            let organisations = organisations.map(|list| read_organisations(list, problem));
            return Self {
                organisations: organisations.unwrap_or(Organisations::All),
                ..Self::unlimited()
            };
        };
        for word in may {
            if !["citizen", "intermediary", "operator"].contains(&word.as_str()) {
                problem(format!(
                    "may {word} is not one of citizen, intermediary, operator"
                ));
            }
        }
        if may.is_empty() {
            problem("may is empty: name citizen, intermediary or operator".to_owned());
        }
        let has = |word: &str| may.iter().any(|one| one == word);
        Self {
            citizens: has("citizen"),
            organisations: its_organisations(has("intermediary"), organisations, alone, problem),
            operators: has("operator"),
        }
    }

    /// Whether the issuer may speak for operators.
    pub(crate) fn has_operators(&self) -> bool {
        self.operators
    }

    pub(crate) fn check_citizen(&self) -> Result<(), TokenError> {
        allow(self.citizens, "citizens")
    }

    pub(crate) fn check_operator(&self) -> Result<(), TokenError> {
        allow(self.operators, "operators")
    }

    pub(crate) fn check_organisation(&self, organisation: &OrganisationId) -> Result<(), TokenError> {
        let allowed = match &self.organisations {
            Organisations::All => true,
            Organisations::These(list) => list.contains(organisation),
        };
        allow(allowed, "this organisation")
    }
}

fn allow(allowed: bool, whom: &'static str) -> Result<(), TokenError> {
    if allowed {
        Ok(())
    } else {
        Err(TokenError::NotForIssuer(whom))
    }
}

fn its_organisations(
    may: bool,
    organisations: Option<&RawOrganisations>,
    alone: bool,
    problem: &mut dyn FnMut(String),
) -> Organisations {
    let none = || Organisations::These(BTreeSet::new());
    match (may, organisations) {
        (true, Some(list)) => read_organisations(list, problem),
        (true, None) if alone => Organisations::All,
        (true, None) => {
            problem(
                "organisations is missing: list those that the issuer speaks for, or write \"all\""
                    .to_owned(),
            );
            none()
        }
        (false, Some(_)) => {
            problem("organisations is set, but may does not name intermediary".to_owned());
            none()
        }
        (false, None) => none(),
    }
}

fn read_organisations(list: &RawOrganisations, problem: &mut dyn FnMut(String)) -> Organisations {
    let list = match list {
        RawOrganisations::Word(word) if word == "all" => return Organisations::All,
        RawOrganisations::Word(word) => std::slice::from_ref(word),
        RawOrganisations::List(list) => list,
    };
    if list.is_empty() {
        problem("organisations is empty: list some, or leave intermediary out of may".to_owned());
    }
    let mut these = BTreeSet::new();
    for id in list {
        match OrganisationId::parse(id) {
            Ok(id) => drop(these.insert(id)),
            Err(error) => problem(format!("organisation {id}: {error}")),
        }
    }
    Organisations::These(these)
}
