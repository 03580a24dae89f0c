//! Vectors and properties. The people are invented; their codes were made from the decree's tables
//! by another program.

use jiff::civil::date;
use proptest::prelude::*;

use super::digits::{DIGIT_POSITIONS, OMOCODIA};
use super::*;

/// `RSSMRA80A01H501U` is the textbook's invented Mario Rossi.
const MARIO: &str = "RSSMRA80A01H501U";

/// Code, family name, given name, birthday.
const PEOPLE: [(&str, &str, &str, &str); 10] = [
    (MARIO, "Rossi", "Mario", "1980-01-01"),
    ("BNCNNA75T71F205N", "Bianchi", "Anna", "1975-12-31"),
    ("DMCGFR60B29L219G", "D'Amico", "Gianfranco", "1960-02-29"),
    ("FOXDAA00B69A952L", "Fo", "Ada", "2000-02-29"),
    ("MLLJGN99H30A952W", "Müller", "Jürgen", "1999-06-30"),
    ("NGYNGX88S49Z251S", "Nguyen", "Ng", "1988-11-09"),
    ("LLANCL19M15G273H", "Aiello", "Niccolò", "2019-08-15"),
    ("DLCMLS31C45D612H", "De Luca", "Maria Luisa", "1931-03-05"),
    ("NNZIOX90D70Z611T", "Ñuñez-Øre", "Io", "1990-04-30"),
    ("YXXWUX01P01Z210O", "Y", "Wu", "2001-09-01"),
];

/// Mario's digits replaced one at a time, then from the right one more each time.
const MARIOS: [&str; 14] = [
    "RSSMRA80A01H50MM",
    "RSSMRA80A01H5L1F",
    "RSSMRA80A01HR01P",
    "RSSMRA80A0MH501M",
    "RSSMRA80AL1H501F",
    "RSSMRA8LA01H501F",
    "RSSMRAU0A01H501R",
    "RSSMRA80A01H50MM",
    "RSSMRA80A01H5LMX",
    "RSSMRA80A01HRLMS",
    "RSSMRA80A0MHRLMK",
    "RSSMRA80ALMHRLMV",
    "RSSMRA8LALMHRLMG",
    "RSSMRAULALMHRLMD",
];

fn with_check(first_15: &str) -> String {
    format!("{first_15}{}", check_character(first_15).unwrap())
}

fn contradictions(code: &TaxCode, family_name: &str, given_name: &str, born: Date) -> [bool; 3] {
    [
        code.contradicts_family_name(family_name),
        code.contradicts_given_name(given_name),
        code.contradicts_birth_date(born),
    ]
}

#[test]
fn codes_tell_names_and_birthday() {
    let today = date(2026, 1, 1);
    for (text, family_name, given_name, born) in PEOPLE {
        let code = TaxCode::parse(text).unwrap();
        let born: Date = born.parse().unwrap();
        assert_eq!(
            contradictions(&code, family_name, given_name, born),
            [false; 3],
            "{text}"
        );
        assert_eq!(code.birth_date_until(today), Some(born), "{text}");
        assert_eq!(
            contradictions(&code, "Verdi", "Elsa", date(1970, 10, 2)),
            [true; 3],
            "{text}"
        );
    }
}

#[test]
fn valid_codes_are_held_in_capitals_without_spaces() {
    for text in [
        MARIO,
        "rssmra80a01h501u",
        " RSS MRA 80A01 H501U ",
        "RSS\tMRA\u{a0}80A01H501U\n",
    ] {
        assert_eq!(TaxCode::parse(text).unwrap().as_str(), MARIO);
    }
}

#[test]
fn omocodia_replaces_any_digits_and_the_person_stays_the_same() {
    let born = date(1980, 1, 1);
    for text in MARIOS {
        let code = TaxCode::parse(text).unwrap();
        assert_eq!(
            contradictions(&code, "Rossi", "Mario", born),
            [false; 3],
            "{text}"
        );
        assert_eq!(code.birth_date_until(date(2020, 4, 1)), Some(born), "{text}");
        assert_eq!(
            code.age_on(date(2020, 4, 1), date(2020, 4, 1)),
            Some(40),
            "{text}"
        );
    }
}

#[test]
fn days_fit_their_month_and_women_have_40_added() {
    let day = |date: &str| TaxCode::parse(&with_check(&format!("RSSMRA{date}H501")));
    for good in ["80A31", "80A71", "80B29", "80B69", "00B29", "80D30", "81B28"] {
        assert!(day(good).is_ok(), "{good}");
    }
    for bad in [
        "80A00", "80A32", "80A40", "80A72", "80A80", "81B29", "81B69", "80B30", "80D31", "80D71", "80AVV",
    ] {
        assert_eq!(day(bad), Err(TaxCodeError::Day), "{bad}");
    }
    for letter in 'A'..='Z' {
        let known = "ABCDEHLMPRST".contains(letter);
        assert_eq!(day(&format!("80{letter}01")).is_ok(), known, "{letter}");
        assert!(known || day(&format!("80{letter}01")) == Err(TaxCodeError::Month));
    }
}

#[test]
fn the_place_is_a_town_or_a_country() {
    for letter in 'A'..='Z' {
        let code = TaxCode::parse(&with_check(&format!("RSSMRA80A01{letter}112")));
        let expected = ('A'..='M').contains(&letter) || letter == 'Z';
        assert_eq!(code.is_ok(), expected, "{letter}");
        assert!(expected || code == Err(TaxCodeError::Character { position: 12 }));
    }
}

#[test]
fn letters_that_come_from_no_name_are_refused() {
    let named = |names: &str| TaxCode::parse(&with_check(&format!("{names}80A01H501")));
    for good in [
        "RSSMRA", "AIEOUA", "OXXIOX", "XUXXXA", "XXXXXX", "NGXYXX", "BAXAAA",
    ] {
        assert!(named(good).is_ok(), "{good}");
    }
    for three in ["ARS", "ARA", "AXB", "AXA", "RAS", "AAR"] {
        assert_eq!(
            named(&format!("{three}MRA")),
            Err(TaxCodeError::FamilyName),
            "{three}"
        );
        assert_eq!(
            named(&format!("RSS{three}")),
            Err(TaxCodeError::GivenName),
            "{three}"
        );
    }
}

#[test]
fn ages_change_on_birthdays() {
    let today = date(2026, 1, 1);
    let mario = TaxCode::parse(MARIO).unwrap();
    for (on, age) in [
        (date(2020, 1, 1), 40),
        (date(2019, 12, 31), 39),
        (date(1980, 1, 1), 0),
        (date(1979, 12, 31), -1),
        (date(1970, 6, 1), -10),
        (date(2079, 12, 31), 99),
        (date(2080, 1, 1), 100),
    ] {
        assert_eq!(mario.age_on(on, today), Some(age), "{on}");
    }
    let leap = TaxCode::parse("DMCGFR60B29L219G").unwrap();
    for (on, age) in [
        (date(2019, 2, 28), 58),
        (date(2019, 3, 1), 59),
        (date(2020, 2, 28), 59),
        (date(2020, 2, 29), 60),
        (date(1960, 2, 28), -1),
    ] {
        assert_eq!(leap.age_on(on, today), Some(age), "{on}");
    }
}

#[test]
fn a_code_is_of_the_last_century_in_which_its_holder_lives() {
    let code = |birth: &str| TaxCode::parse(&with_check(&format!("RSSMRA{birth}H501"))).unwrap();
    let received = date(2020, 4, 10);
    let cut_off = date(2020, 3, 5);
    for (birth, age) in [
        ("20C04", 0),
        ("20C05", 0),
        ("20C06", -1),
        ("20D10", -1),
        // born tomorrow: a hundred years ago
        ("20D11", 99),
        ("19T31", 0),
        ("08C05", 12),
        ("08C06", 11),
        ("00A01", 20),
        ("99T31", 20),
        ("21A01", 99),
        ("00B29", 20),
        ("04B29", 16),
        ("20B29", 0),
        ("24B29", 96),
    ] {
        assert_eq!(code(birth).age_on(cut_off, received), Some(age), "{birth}");
    }
    // six years later the same baby and the same cut-off
    assert_eq!(code("20C06").age_on(cut_off, date(2026, 4, 10)), Some(-1));
    assert_eq!(code("20C06").age_on(cut_off, date(1999, 12, 31)), Some(99));
}

#[test]
fn the_leap_day_of_00_is_of_2000() {
    let ada = TaxCode::parse("FOXDAA00B69A952L").unwrap();
    assert_eq!(ada.birth_date_until(date(2000, 2, 29)), Some(date(2000, 2, 29)));
    assert_eq!(ada.birth_date_until(date(2150, 1, 1)), Some(date(2000, 2, 29)));
    assert_eq!(ada.birth_date_until(date(2000, 2, 28)), None);
    assert_eq!(ada.age_on(date(2020, 1, 1), date(1950, 1, 1)), None);
    assert_eq!(ada.age_on(date(1950, 1, 1), date(2020, 1, 1)), Some(-51));
}

#[test]
fn any_date_can_be_asked_for() {
    let mario = TaxCode::parse(MARIO).unwrap();
    for on in [Date::MIN, Date::ZERO, Date::MAX] {
        assert!(
            mario.age_on(on, on).is_none_or(|age| (0..200).contains(&age)),
            "{on}"
        );
        assert!(mario.age_on(on, date(2026, 1, 1)).is_some(), "{on}");
    }
}

#[test]
fn provisional_codes_are_checked_by_their_last_digit_and_tell_nothing() {
    let code = TaxCode::parse(" 123 4567 8903").unwrap();
    assert_eq!(code.as_str(), "12345678903");
    assert!(code.is_provisional());
    assert_eq!(code.age_on(date(2020, 4, 1), date(2020, 4, 1)), None);
    assert_eq!(
        contradictions(&code, "Rossi", "Mario", date(1980, 1, 1)),
        [false; 3]
    );
    assert_eq!(TaxCode::parse("12345678901"), Err(TaxCodeError::CheckCharacter));
    assert_eq!(TaxCode::parse("00000000000"), Err(TaxCodeError::CheckCharacter));
    assert_eq!(
        TaxCode::parse("1234567890X"),
        Err(TaxCodeError::Character { position: 11 })
    );
}

#[test]
fn what_is_wrong_is_said_without_repeating_it() {
    for (text, error) in [
        ("", TaxCodeError::Length),
        ("RSSMRA80A01H501", TaxCodeError::Length),
        ("RSSMRA80A01H501UU", TaxCodeError::Length),
        (&"A".repeat(1_000_000), TaxCodeError::Length),
        ("RSSMRA80A01H501X", TaxCodeError::CheckCharacter),
        ("RSSMRA80A01H5X1U", TaxCodeError::Character { position: 14 }),
        ("R5SMRA80A01H501U", TaxCodeError::Character { position: 2 }),
        ("RSSMRA80A01H5011", TaxCodeError::Character { position: 16 }),
        ("RSSMRÀ80A01H501U", TaxCodeError::Character { position: 6 }),
        ("RSSMRA8０A01H501U", TaxCodeError::Character { position: 8 }),
    ] {
        assert_eq!(TaxCode::parse(text), Err(error), "{text:.20}");
    }
    assert_eq!(format!("{:?}", TaxCode::parse(MARIO).unwrap()), "TaxCode(***)");
}

/// Generates a family name, a given name, a birthday and the first 15 characters of their code,
/// made as the decree says.
fn person() -> impl Strategy<Value = (String, String, Date, String)> {
    let names = ("[A-Z][a-zàèéìòùü' -]{0,20}", "[A-Z][a-zàèéìòùü' -]{0,20}");
    let place = "[A-MZ][0-9]{3}";
    (names, 0_i32..47_000, any::<bool>(), place).prop_map(|((family, given), days, female, place)| {
        let born = date(1900, 1, 1).saturating_add(jiff::Span::new().days(days));
        let month = b"ABCDEHLMPRST"[usize::try_from(born.month() - 1).unwrap()];
        let day = born.day() + if female { 40 } else { 0 };
        let names = [
            names::family_name_letters(&family),
            names::given_name_letters(&given),
        ]
        .map(|letters| String::from_utf8(letters[0].to_vec()).unwrap())
        .concat();
        let first_15 = format!(
            "{names}{:02}{}{day:02}{place}",
            born.year() % 100,
            char::from(month)
        );
        (family, given, born, first_15)
    })
}

proptest! {
    #[test]
    fn any_persons_code_is_accepted_and_fits(
        (family, given, born, first_15) in person(),
        replaced in any::<[bool; 7]>(),
    ) {
        let mut code = first_15.into_bytes();
        for (index, _) in DIGIT_POSITIONS.into_iter().zip(replaced).filter(|(_, replaced)| *replaced) {
            code[index] = OMOCODIA[usize::from(code[index] - b'0')];
        }
        let code = TaxCode::parse(&with_check(std::str::from_utf8(&code).unwrap())).unwrap();
        prop_assert_eq!(contradictions(&code, &family, &given, born), [false; 3]);
        prop_assert_eq!(code.birth_date_until(born), Some(born));
        prop_assert_eq!(code.age_on(born, born), Some(0));
    }

    #[test]
    fn one_changed_character_is_noticed((_, _, _, first_15) in person(), index in 0_usize..16, letter in "[A-Z0-9]") {
        let code = with_check(&first_15);
        let mut changed = code.clone();
        changed.replace_range(index..=index, &letter);
        prop_assume!(changed != code);
        let changed = TaxCode::parse(&changed);
        prop_assert!(changed.is_err());
    }

    #[test]
    fn any_text_is_parsed_or_refused(
        text in "\\PC{0,20}|[A-Z]{6}[0-9]{2}[A-T][0-9]{2}[A-Z][0-9]{3}[A-Z]|[0-9 ]{11,12}",
    ) {
        if let Ok(code) = TaxCode::parse(&text) {
            prop_assert_eq!(TaxCode::parse(code.as_str()), Ok(code));
        }
    }
}
