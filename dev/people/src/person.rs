//! Invented citizens for load tests. The same seed and index always give the same person, and no
//! two people of one seed share a tax code.

use std::fmt;

use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use sportello_domain::tax_code::{TaxCode, check_character};

/// Family names, each with a code of its own.
const FAMILY_NAMES: [&str; 40] = [
    "Abate",
    "Baldini",
    "Bellucci",
    "Brambilla",
    "Cattaneo",
    "Colombo",
    "D'Angelo",
    "De Luca",
    "Esposito",
    "Fabbri",
    "Ferrero",
    "Galimberti",
    "Gentile",
    "Giordano",
    "Grassi",
    "Leone",
    "Lombardi",
    "Mancini",
    "Marchetti",
    "Mazza",
    "Moretti",
    "Negri",
    "Orlando",
    "Palumbo",
    "Pellegrini",
    "Piras",
    "Quaranta",
    "Ricci",
    "Rizzo",
    "Rossetti",
    "Sartori",
    "Serra",
    "Tedesco",
    "Testa",
    "Uberti",
    "Valentini",
    "Villa",
    "Vitale",
    "Zanetti",
    "Zorzi",
];
/// Given names, each with a code of its own, and the sex that they are given to.
const GIVEN_NAMES: [(&str, Sex); 30] = [
    ("Agnese", Sex::Female),
    ("Alberto", Sex::Male),
    ("Beatrice", Sex::Female),
    ("Bruno", Sex::Male),
    ("Caterina", Sex::Female),
    ("Cesare", Sex::Male),
    ("Debora", Sex::Female),
    ("Dario", Sex::Male),
    ("Emma", Sex::Female),
    ("Enrico", Sex::Male),
    ("Fabiola", Sex::Female),
    ("Fulvio", Sex::Male),
    ("Gaia", Sex::Female),
    ("Guido", Sex::Male),
    ("Ilaria", Sex::Female),
    ("Ivo", Sex::Male),
    ("Lia", Sex::Female),
    ("Livio", Sex::Male),
    ("Michela", Sex::Female),
    ("Mirko", Sex::Male),
    ("Noemi", Sex::Female),
    ("Nicolò", Sex::Male),
    ("Ottavia", Sex::Female),
    ("Oreste", Sex::Male),
    ("Paola", Sex::Female),
    ("Pio", Sex::Male),
    ("Serena", Sex::Female),
    ("Sandro", Sex::Male),
    ("Teresa", Sex::Female),
    ("Ugo", Sex::Male),
];
/// Belfiore codes of towns and, from `Z`, of foreign countries.
const PLACES: [&str; 20] = [
    "A271", "A326", "A662", "A944", "B354", "C351", "D612", "D969", "F205", "F839", "G224", "G273", "G478",
    "H223", "H501", "L049", "L219", "L736", "Z112", "Z330",
];
/// The earliest birthday.
const FIRST_BIRTHDAY: Date = date(1940, 1, 1);
/// Number of birthdays: up to 23 June 2003, so that all are of age and two digits give the year.
const BIRTHDAYS: u64 = 23_185;

/// The first birthday of a child: none has turned twelve on 5 March 2020.
const FIRST_CHILDS_BIRTHDAY: Date = date(2010, 1, 1);
/// Number of children's birthdays: up to 28 December 2019.
const CHILDS_BIRTHDAYS: u64 = 3_649;

/// Number of different people of one seed.
pub const POPULATION: u64 =
    FAMILY_NAMES.len() as u64 * GIVEN_NAMES.len() as u64 * PLACES.len() as u64 * BIRTHDAYS;
/// Number of different children of one seed.
const CHILDREN: u64 =
    FAMILY_NAMES.len() as u64 * GIVEN_NAMES.len() as u64 * PLACES.len() as u64 * CHILDS_BIRTHDAYS;
/// A prime above every factor of [`POPULATION`] and [`CHILDREN`], so that its multiples visit each
/// person once.
const STRIDE: u64 = 398_731_573;

/// Sex as the tax code writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    /// The day of birth is written with 40 added.
    Female,
    /// The day of birth is written as it is.
    Male,
}

/// An invented citizen.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// Given name.
    pub given_name: &'static str,
    /// Family name.
    pub family_name: &'static str,
    /// Birthday.
    pub born: Date,
    /// Sex.
    pub sex: Sex,
    /// Belfiore code of the place of birth.
    pub birth_place: &'static str,
    /// Tax code, derived from the other fields.
    pub tax_code: TaxCode,
}

// invented, but masked like real people, so that no test or log gets used to showing people
impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Person(***)")
    }
}

impl Person {
    /// Returns the person number `index` of `seed`. Indexes repeat after [`POPULATION`].
    #[must_use]
    pub fn invent(seed: u64, index: u64) -> Self {
        Self::born_from(FIRST_BIRTHDAY, BIRTHDAYS, place_in_line(seed, index, POPULATION))
    }

    /// Returns the child number `index` of `seed`: less than twelve years old in March 2020. No two
    /// children of one seed share a tax code.
    #[must_use]
    pub fn invent_child(seed: u64, index: u64) -> Self {
        let place = place_in_line(seed, index, CHILDREN);
        Self::born_from(FIRST_CHILDS_BIRTHDAY, CHILDS_BIRTHDAYS, place)
    }

    fn born_from(first_birthday: Date, birthdays: u64, mut rest: u64) -> Self {
        let mut choose = |among: u64| {
            let chosen = rest % among;
            rest /= among;
            chosen
        };
        let (given_name, sex) = *pick(&GIVEN_NAMES, &mut choose);
        let family_name = *pick(&FAMILY_NAMES, &mut choose);
        let birth_place = *pick(&PLACES, &mut choose);
        let born = first_birthday.saturating_add(i64::try_from(choose(birthdays)).unwrap_or(0).days());
        let tax_code = tax_code(given_name, family_name, born, sex, birth_place);
        Self {
            given_name,
            family_name,
            born,
            sex,
            birth_place,
            tax_code,
        }
    }
}

/// Returns a place among `population`, a different one for each index of a seed.
fn place_in_line(seed: u64, index: u64, population: u64) -> u64 {
    (seed % population + index % population) % population * STRIDE % population
}

fn pick<'a, T>(list: &'a [T], choose: &mut impl FnMut(u64) -> u64) -> &'a T {
    let index = choose(list.len() as u64);
    &list[usize::try_from(index).unwrap_or(0)]
}

/// Returns the code of a person (D.M. 23 December 1976, arts. 2–5).
#[expect(
    clippy::expect_used,
    reason = "the lists above are fixed, and a test makes a code of each entry"
)]
fn tax_code(given_name: &str, family_name: &str, born: Date, sex: Sex, birth_place: &str) -> TaxCode {
    const MONTHS: [char; 12] = ['A', 'B', 'C', 'D', 'E', 'H', 'L', 'M', 'P', 'R', 'S', 'T'];
    let month = MONTHS[usize::from(born.month().unsigned_abs()) - 1];
    let day = born.day() + if sex == Sex::Female { 40 } else { 0 };
    let year = born.year() % 100;
    let first_15 = format!(
        "{}{}{year:02}{month}{day:02}{birth_place}",
        family_name_code(family_name),
        given_name_code(given_name)
    );
    let check = check_character(&first_15).expect("15 letters and digits");
    TaxCode::parse(&format!("{first_15}{check}")).expect("the parts of a code in their order")
}

/// Returns the first three consonants, then vowels, then `X`.
fn family_name_code(name: &str) -> String {
    let (consonants, vowels) = letters(name);
    consonants
        .into_iter()
        .chain(vowels)
        .chain(['X'; 3])
        .take(3)
        .collect()
}

/// As for a family name, but skips the second of four or more consonants.
fn given_name_code(name: &str) -> String {
    let (mut consonants, vowels) = letters(name);
    if consonants.len() > 3 {
        consonants.remove(1);
    }
    consonants
        .into_iter()
        .chain(vowels)
        .chain(['X'; 3])
        .take(3)
        .collect()
}

/// Returns consonants and vowels in capitals, without accents, apostrophes and spaces.
fn letters(name: &str) -> (Vec<char>, Vec<char>) {
    let plain = |c: char| match c {
        'à' | 'á' => 'a',
        'è' | 'é' => 'e',
        'ì' | 'í' => 'i',
        'ò' | 'ó' => 'o',
        'ù' | 'ú' => 'u',
        other => other,
    };
    name.chars()
        .map(plain)
        .filter(char::is_ascii_alphabetic)
        .map(|c| c.to_ascii_uppercase())
        .partition(|c| !"AEIOU".contains(*c))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_coded_by_consonants_then_vowels_then_x() {
        for (name, code) in [
            ("Rossi", "RSS"),
            ("Fo", "FOX"),
            ("D'Amico", "DMC"),
            ("De Santis", "DSN"),
            ("Aiò", "AIO"),
        ] {
            assert_eq!(family_name_code(name), code);
        }
        for (name, code) in [
            ("Mario", "MRA"),
            ("Marta", "MRT"),
            ("Franco", "FNC"),
            ("Nicolò", "NCL"),
            ("Ugo", "GUO"),
        ] {
            assert_eq!(given_name_code(name), code);
        }
        let code = tax_code("Mario", "Rossi", date(1980, 1, 1), Sex::Male, "H501");
        assert_eq!(code.as_str(), "RSSMRA80A01H501U");
    }

    #[test]
    fn the_people_of_the_identity_provider_have_the_codes_of_their_names() {
        let people = include_str!("../../../deploy/identity-provider/people.json");
        let people: serde_json::Value = serde_json::from_str(people).unwrap();
        for citizen in people["citizens"].as_array().unwrap() {
            let text = |name: &str| citizen[name].as_str().unwrap();
            let code = TaxCode::parse(text("tax_code")).unwrap();
            let names = family_name_code(text("family_name")) + &given_name_code(text("given_name"));
            assert_eq!(code.as_str()[..6], names);
        }
    }

    #[test]
    fn every_name_has_a_code_of_its_own() {
        let family: HashSet<_> = FAMILY_NAMES.into_iter().map(family_name_code).collect();
        let given: HashSet<_> = GIVEN_NAMES
            .into_iter()
            .map(|(name, _)| given_name_code(name))
            .collect();
        let places: HashSet<_> = PLACES.into_iter().collect();
        assert_eq!(
            (family.len(), given.len(), places.len()),
            (FAMILY_NAMES.len(), GIVEN_NAMES.len(), PLACES.len())
        );
    }

    #[test]
    fn two_digits_say_the_year() {
        let last = FIRST_BIRTHDAY
            .checked_add(i64::try_from(BIRTHDAYS - 1).unwrap().days())
            .unwrap();
        assert_eq!(last, date(2003, 6, 23));
        assert!(last.year() - FIRST_BIRTHDAY.year() < 100);
    }

    #[test]
    fn people_are_the_same_each_time_and_no_two_share_a_code() {
        let codes: HashSet<_> = (0..20_000)
            .map(|index| Person::invent(7, index).tax_code)
            .collect();
        assert_eq!(codes.len(), 20_000);
        assert_eq!(Person::invent(7, 12), Person::invent(7, 12));
        assert_ne!(Person::invent(7, 12), Person::invent(8, 12));
        assert!(Person::invent(u64::MAX, u64::MAX).tax_code.as_str().len() == 16);
    }

    #[test]
    fn children_are_young_and_no_two_share_a_code() {
        let children = (0..20_000).map(|index| Person::invent_child(7, index));
        let codes: HashSet<_> = children
            .inspect(|child| assert!(date(2010, 1, 1) <= child.born && child.born < date(2020, 1, 1)))
            .map(|child| child.tax_code)
            .collect();
        assert_eq!(codes.len(), 20_000);
    }

    #[test]
    fn the_stride_visits_everybody() {
        let common = |mut a: u64, mut b: u64| {
            while b > 0 {
                (a, b) = (b, a % b);
            }
            a
        };
        assert_eq!(common(STRIDE, POPULATION), 1);
        assert_eq!(common(STRIDE, CHILDREN), 1);
        // no overflow
        assert!(POPULATION.checked_mul(STRIDE).is_some());
    }
}
