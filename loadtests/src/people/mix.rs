//! Mix of applicants: citizens, intermediaries, people who apply twice, and invalid applications.

use serde::Deserialize;

/// The flaw of an invalid application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Its body is cut off in the middle.
    Cut,
    /// The check digits of the account do not fit.
    Account,
    /// It is for a person other than the citizen who sends it.
    SomebodyElses,
    /// The request has no token.
    Anonymous,
}

/// The kind of an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A citizen's own application.
    Citizen,
    /// An intermediary's, with a mandate.
    Intermediary,
    /// A repeat, under another key, of the application of the citizen with that number.
    Duplicate {
        /// Number of the other application.
        of: u64,
    },
    /// Invalid on purpose: never accepted.
    Invalid(Flaw),
}

/// Applications of each kind in a hundred; the rest are citizens' own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mix {
    /// Sent by intermediaries.
    pub intermediaries: u8,
    /// Of a person who has already applied, under another key.
    pub duplicates: u8,
    /// Invalid on purpose.
    pub invalid: u8,
    /// Sent once more with the same key after acceptance, of any kind.
    pub repeated: u8,
}

const IN_ALL: u64 = 100;
/// Has no factor in common with a hundred, so that kinds alternate within a hundred numbers.
const STRIDE: u64 = 37;

impl Mix {
    /// Returns whether the shares add up to at most a hundred.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        let kinds = [self.intermediaries, self.duplicates, self.invalid];
        let sum: u64 = kinds.into_iter().map(u64::from).sum();
        sum < IN_ALL && u64::from(self.repeated) <= IN_ALL
    }

    /// Returns the kind of the application with this number, always the same.
    #[must_use]
    pub fn kind(&self, number: u64) -> Kind {
        let place = slot(number);
        let invalid = u64::from(self.invalid);
        let duplicates = invalid + u64::from(self.duplicates);
        let intermediaries = duplicates + u64::from(self.intermediaries);
        if place < invalid {
            return Kind::Invalid(match number / IN_ALL % 4 {
                0 => Flaw::Account,
                1 => Flaw::SomebodyElses,
                2 => Flaw::Cut,
                _ => Flaw::Anonymous,
            });
        }
        if place >= duplicates {
            let intermediary = place < intermediaries;
            return if intermediary {
                Kind::Intermediary
            } else {
                Kind::Citizen
            };
        }
        // the nearest earlier citizen; without one, the first application has no original
        (0..number)
            .rev()
            .take(usize::from(u8::MAX))
            .find(|before| slot(*before) >= intermediaries)
            .map_or(Kind::Citizen, |of| Kind::Duplicate { of })
    }

    /// Returns whether the application is sent once more after acceptance.
    #[must_use]
    pub fn is_repeated(&self, number: u64) -> bool {
        // independent of the numbers that select kinds
        slot(number / 3) < u64::from(self.repeated)
    }
}

fn slot(number: u64) -> u64 {
    number % IN_ALL * STRIDE % IN_ALL
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIX: Mix = Mix {
        intermediaries: 20,
        duplicates: 3,
        invalid: 4,
        repeated: 5,
    };

    #[test]
    fn of_a_hundred_there_are_so_many_of_each_kind() {
        let count = |is: fn(&Kind) -> bool| (1_000..2_000).filter(|n| is(&MIX.kind(*n))).count();
        assert_eq!(count(|kind| *kind == Kind::Intermediary), 200);
        assert_eq!(count(|kind| matches!(kind, Kind::Duplicate { .. })), 30);
        assert_eq!(count(|kind| matches!(kind, Kind::Invalid(_))), 40);
        assert_eq!(count(|kind| *kind == Kind::Citizen), 730);
        for flaw in [Flaw::Cut, Flaw::Account, Flaw::SomebodyElses, Flaw::Anonymous] {
            assert!(
                (1_000..2_000).any(|n| MIX.kind(n) == Kind::Invalid(flaw)),
                "{flaw:?}"
            );
        }
        let repeated = (0..30_000).filter(|number| MIX.is_repeated(*number)).count();
        assert_eq!(repeated, 1_500);
    }

    #[test]
    fn a_person_who_applies_twice_has_applied_once_before() {
        for number in 0..1_000 {
            if let Kind::Duplicate { of } = MIX.kind(number) {
                assert!(of < number && MIX.kind(of) == Kind::Citizen);
            }
        }
    }

    #[test]
    fn without_a_mix_all_are_citizens() {
        assert!((0..1_000).all(|number| Mix::default().kind(number) == Kind::Citizen));
        let too_many = Mix {
            intermediaries: 60,
            invalid: 40,
            ..MIX
        };
        assert!(MIX.is_possible() && !too_many.is_possible());
    }
}
