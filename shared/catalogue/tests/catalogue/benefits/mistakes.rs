use insta::assert_snapshot;
use sportello_catalogue::Benefit;

use crate::benefits::{SCHOOL, changed, mistakes, told};

/// What is changed in the file, and to what.
type Change<'a> = (&'a str, &'a str);

/// Returns each change and the mistakes of the changed file, each after the text that it points at.
fn sentences(changes: &[Change]) -> String {
    let sentences = changes.iter().map(|(from, to)| {
        let file = changed(from, to);
        let mut lines: Vec<String> = from.lines().map(|line| format!("- {line:.60}")).collect();
        lines.extend(to.lines().map(|line| format!("+ {line:.60}")));
        for mistake in mistakes(&file) {
            let line = file.lines().nth(mistake.line - 1).unwrap_or_default();
            let there: String = line.chars().skip(mistake.column - 1).take(60).collect();
            lines.extend([format!("  at {there}"), format!("  {mistake}")]);
        }
        lines.join("\n")
    });
    sentences.collect::<Vec<_>>().join("\n\n")
}

#[test]
fn the_file_without_mistakes_is_good() {
    assert!(Benefit::parse(SCHOOL).is_ok());
}

#[test]
fn every_mistake_is_reported_at_once_in_the_order_of_the_file() {
    let file = changed("fixed = 600.50", "fixed = -1")
        .replacen("[law]", "[laws]", 1)
        .replacen("\"reserve\"", "\"reserved\"", 1)
        .replacen("maxItems = 5\n", "", 1);
    assert_snapshot!(told(&mistakes(&file)));
}

const NO_TOML: &[Change] = &[
    ("opens = 2026-01-01T00:00:00+01:00", "opens 2026"),
    ("[help]", "[title]"),
    ("one_per =", "id ="),
];

#[test]
fn what_is_no_toml_is_reported_with_its_place() {
    assert_snapshot!(sentences(NO_TOML));
}

const PLAIN_KEYS: &[Change] = &[
    ("[title]\n", "[title]\none_per = []\n"),
    ("id = \"school-bonus-2026\"", "id = \"School\""),
    ("id = \"school-bonus-2026\"\n", ""),
    ("id = \"school-bonus-2026\"", "id = 7"),
    ("\"/answers/children/*/tax_code\"]", "\"children\"]"),
    ("\"/answers/children/*/tax_code\"]", "\"applicant\"]"),
    (
        "\"/answers/children/*/tax_code\"]",
        "\"/answers/child/*/tax_code\"]",
    ),
    (
        "incompatible_with = []",
        "per_applicant = 4\nincompatible_with = []",
    ),
    ("incompatible_with = []", "incompatible_with = \"car\""),
    (
        "incompatible_with = []",
        "incompatible_with = [\"school-bonus-2026\"]",
    ),
    ("incompatible_with = []", "incompatible_with = [\"a\", \"a\"]"),
    ("format = \"tax-code\"", "maxLength = 100"),
    ("\"email\"]", "\"e-mail\"]"),
    ("en = \"School bonus\"\n", ""),
    ("en = \"School bonus\"", "en = \"  \""),
    ("en = \"School bonus\"", "fr = \"Bonus\""),
    ("https://example.org", "http://example.org"),
    ("articles = [\"1\", \"2\"]", "articles = []"),
];

#[test]
fn mistakes_of_plain_keys() {
    let long = format!("en = \"{}\"", "a".repeat(2_001));
    let changes = [PLAIN_KEYS, &[("en = \"School bonus\"", long.as_str())]].concat();
    assert_snapshot!(sentences(&changes));
}

const OPENING_WINDOWS_AND_ORDER: &[Change] = &[
    (
        "closes = 2026-07-01T00:00:00+02:00",
        "closes = 2025-07-01T00:00:00+02:00",
    ),
    ("opens = 2026-01-01T00:00:00+01:00", "opens = 2026-01-01T00:00:00"),
    ("opens = 2026-01-01T00:00:00+01:00", "opens = \"2026-01-01\""),
    ("\"16:00-08:00\"", "\"16-08\""),
    ("\"16:00-08:00\"", "\"08:00-08:00\""),
    ("[\"16:00-08:00\"]", "[]"),
    ("citizen = [", "citizens = ["),
    ("policy = \"lottery\"", "policy = \"raffle\""),
    ("policy = \"lottery\"", "policy = \"arrival\""),
    (
        "policy = \"lottery\"",
        "policy = \"lottery\"\nclock_tolerance_seconds = 5",
    ),
    (
        "seed_published_at = 2026-07-02T12:00:00+02:00",
        "seed_published_at = 2026-06-30T12:00:00+02:00",
    ),
    ("seed_published_at = 2026-07-02T12:00:00+02:00\n", ""),
    ("seed = \"an invented seed, drawn in public\"", "seed = \"short\""),
];

#[test]
fn mistakes_of_opening_windows_and_order() {
    assert_snapshot!(sentences(OPENING_WINDOWS_AND_ORDER));
}

const RETENTION: &[Change] = &[
    ("[retention]\ndays = 3650\nthen = \"pseudonymise\"\n", ""),
    ("days = 3650\n", ""),
    ("days = 3650", "days = 0"),
    ("days = 3650", "days = 36501"),
    ("days = 3650", "days = 10.5"),
    ("days = 3650", "days = 1"),
    (
        "closes = 2026-07-01T00:00:00+02:00",
        "closes = 9999-01-01T00:00:00+02:00",
    ),
    ("then = \"pseudonymise\"", "then = \"anonymise\""),
    ("then = \"pseudonymise\"", "than = \"pseudonymise\""),
];

#[test]
fn mistakes_of_retention() {
    assert_snapshot!(sentences(RETENTION));
}

const MONEY: &[Change] = &[
    ("fixed = 600.50", "fixed = 600.505"),
    ("fixed = 600.50", "fixed = 0"),
    ("fixed = 600.50", "fixed = 1e3"),
    ("fixed = 600.50", "fixed = \"600\""),
    ("fixed = 600.50", "requested = \"/answers/amount\""),
    (
        "requested = \"/answers/amount\", at",
        "requested = \"/answers/amuont\", at",
    ),
    ("[category.form]\nrequired = [\"amount\"]\n", "[category.form]\n"),
    ("[amount]\nfixed = 600.50\n", ""),
    ("cap = 1_000_000\n", ""),
    ("past_cap = \"refuse\"", "past_cap = \"refused\""),
];

#[test]
fn mistakes_of_money() {
    assert_snapshot!(sentences(MONEY));
}

const CATEGORIES: &[Change] = &[
    ("id = \"foster-families\"", "id = \"families\""),
    ("id = \"foster-families\"\n", ""),
    (
        "[category.form.properties.amount]",
        "[category.form.properties.children]",
    ),
    ("[category.form]\n", "[category.form]\ntype = \"string\"\n"),
];

#[test]
fn mistakes_of_categories() {
    assert_snapshot!(sentences(CATEGORIES));
}

const FORMS: &[Change] = &[
    ("maxItems = 5", "maxItem = 5"),
    ("type = \"number\"\nminimum", "type = \"nubmer\"\nminimum"),
    ("format = \"tax-code\"", "format = \"taxcode\""),
    ("minimum = 1\n", "minimum = 2026-01-01\n"),
    ("minimum = 1\n", "minimum = inf\n"),
    ("required = [\"amount\"]", "required = [\"amuont\"]"),
];

#[test]
fn mistakes_of_forms() {
    assert_snapshot!(sentences(FORMS));
}

const RULES: &[Change] = &[
    ("unique(answers.children.map", "1 => unique(answers.children.map"),
    ("code = \"child_twice\"", "code = \"Child twice\""),
    ("code = \"child_twice\"", "code = \"child_too_old\""),
    ("each = \"/answers/children\"", "each = \"/answers/kids\""),
    ("each = \"/answers/children\"", "each = \"/answers/children/*\""),
    ("at = \"/tax_code\"", "at = \"/taxcode\""),
    ("at = \"/tax_code\"", "at = \"/answers/children\""),
    ("at = \"/answers/amount\"", "at = \"amount\""),
    ("categories = [\"families\"]", "categories = [\"familes\"]"),
    (
        "check = \"unique(answers.children.map(child, child.tax_code))\"\n",
        "",
    ),
    (
        "answers.amount <= 100.0",
        "has(answers.amount) || answer.amount <= 100.0",
    ),
    ("unique(answers", "uniqe(answers"),
];

#[test]
fn mistakes_of_rules() {
    assert_snapshot!(sentences(RULES));
}

const THE_EXAMPLE: &[Change] = &[
    ("category = \"families\"\n", "category = \"family\"\n"),
    (
        "iban = \"IT60X0542811101000000123456\"",
        "iban = \"IT61X0542811101000000123456\"",
    ),
    (", email = \"mario.rossi@example.org\"", ""),
    ("amount = 100\n", ""),
    ("amount = 100\n", "amount = 101\n"),
    (
        "{ tax_code = \"SPSMTT12D04L219K\" }",
        "{ tax_code = \"RSSMRA80A01H501U\" }",
    ),
    ("amount = 100\n", "amount = 100\ncolour = \"red\"\n"),
    ("answers.amount <= 100.0", "answers.amuont <= 100.0"),
];

#[test]
fn mistakes_of_the_example() {
    assert_snapshot!(sentences(THE_EXAMPLE));
    let end = SCHOOL.find("[example]").unwrap();
    let missing = mistakes(&SCHOOL[..end]);
    assert_eq!(missing[0].message, "`example` is missing in the file");
}

#[test]
fn what_a_benefit_is_given_for_once_is_a_text_in_every_form_that_has_it() {
    let field = |of: &str, values: &str| {
        format!(
            "[category.form.properties.household]\ntype = \"{of}\"\n{values}\n\
             label = {{ it = \"Famiglia\", en = \"Household\", de = \"Haushalt\" }}\n"
        )
    };
    let with = |of: &str, values: &str| {
        let foster =
            "help = { it = \"Con affido.\", en = \"With a foster child.\", de = \"Mit Pflegekind.\" }\n";
        changed("/answers/children/*/tax_code\"]", "/answers/household\"]")
            .replacen(
                "[category.form.properties.amount]",
                &(field("string", "maxLength = 64") + "\n[category.form.properties.amount]"),
                1,
            )
            .replacen(foster, &format!("{foster}\n{}", field(of, values)), 1)
    };
    let good = Benefit::parse(&with("string", "maxLength = 10"));
    assert!(good.is_ok(), "{}", told(&good.err().unwrap_or_default()));
    let mistakes = mistakes(&with("integer", "const = 7"));
    assert_eq!(mistakes.len(), 1, "{}", told(&mistakes));
    assert_eq!(
        (mistakes[0].line, &*mistakes[0].message),
        (3, "a form has no text field there")
    );
}
