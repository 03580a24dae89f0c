//! Who is among those who apply: citizens, intermediaries, people who apply twice, and what is wrong on purpose.

use serde::Deserialize;

/// How an application comes to be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// Its body is cut off in the middle.
    Cut,
    /// The check digits of the account do not fit.
    Account,
    /// It is for somebody else than the citizen who sends it.
    SomebodyElses,
    /// The one who sends it does not say who they are.
    Anonymous,
}

/// What kind of application has a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A citizen's own.
    Citizen,
    /// One that an intermediary sends with a mandate.
    Intermediary,
    /// Once more, under a key of its own, what the citizen with that number has applied for.
    Duplicate {
        /// The number of the other one.
        of: u64,
    },
    /// Wrong on purpose: it is never accepted.
    Invalid(Flaw),
}

/// How many of a hundred applications are of a kind; those that are left are citizens' own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mix {
    /// Sent by intermediaries.
    pub intermediaries: u8,
    /// Of a person who has applied already, under another key.
    pub duplicates: u8,
    /// Wrong on purpose.
    pub invalid: u8,
    /// Sent once more with the same key after they were accepted, whatever their kind.
    pub repeated: u8,
}

const IN_ALL: u64 = 100;
/// Has no factor in common with a hundred, so that kinds alternate within a hundred numbers.
const STRIDE: u64 = 37;

impl Mix {
    /// Whether there are a hundred at most.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        let kinds = [self.intermediaries, self.duplicates, self.invalid];
        let sum: u64 = kinds.into_iter().map(u64::from).sum();
        sum < IN_ALL && u64::from(self.repeated) <= IN_ALL
    }

    /// The kind of the application with this number, always the same.
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
        // the nearest citizen before; where nobody was before, the first of all has nobody's
        (0..number)
            .rev()
            .take(usize::from(u8::MAX))
            .find(|before| slot(*before) >= intermediaries)
            .map_or(Kind::Citizen, |of| Kind::Duplicate { of })
    }

    /// Whether the application is sent once more after it was accepted.
    #[must_use]
    pub fn is_repeated(&self, number: u64) -> bool {
        // not the numbers that kinds choose by
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
    fn whoever_applies_twice_has_applied_once_before() {
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
