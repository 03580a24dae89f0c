use sportello_catalogue::Benefit;

use crate::benefits::{SCHOOL, changed, mistakes, told};

/// Line and column, from 1, of where `marker` begins.
fn place(file: &str, marker: &str) -> (usize, usize) {
    let offset = file
        .find(marker)
        .unwrap_or_else(|| panic!("the file has no {marker}"));
    let line_start = file[..offset].rfind('\n').map_or(0, |end| end + 1);
    (
        1 + file[..offset].matches('\n').count(),
        1 + file[line_start..offset].chars().count(),
    )
}

/// The file with `from` changed to `to` has a mistake where `marker` begins, with this text and
/// advice.
fn assert_told(from: &str, to: &str, marker: &str, message: &str, advice: &str) {
    let file = changed(from, to);
    let (line, column) = place(&file, marker);
    let mistakes = mistakes(&file);
    let found = mistakes.iter().any(|mistake| {
        (mistake.line, mistake.column) == (line, column)
            && mistake.message.contains(message)
            && mistake.advice.contains(advice)
    });
    assert!(
        found,
        "no {line}:{column}: {message}; {advice} in:\n{}",
        told(&mistakes)
    );
}

/// What is changed, to what, where the mistake begins, its text and its advice.
type Broken = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

fn assert_all_told(broken: &[Broken]) {
    for (from, to, marker, message, advice) in broken {
        assert_told(from, to, marker, message, advice);
    }
}

#[test]
fn the_file_without_mistakes_is_good() {
    assert!(Benefit::parse(SCHOOL).is_ok());
}

#[test]
fn every_mistake_is_told_at_once_in_the_order_of_the_file() {
    let file = changed("fixed = 600.50", "fixed = -1")
        .replacen("[law]", "[laws]", 1)
        .replacen("\"reserve\"", "\"reserved\"", 1)
        .replacen("maxItems = 5\n", "", 1);
    let lines: Vec<String> = mistakes(&file).iter().map(ToString::to_string).collect();
    assert_eq!(
        lines[..4],
        [
            "1:1: `law` is missing in the file; write [law] with act = \"…\", \
             articles = [\"23\"] and url = \"https://…\"",
            "17:2: unknown key `laws` in the file; did you mean `law`?",
            "36:1: `fixed` is not an amount in euro, more than 0, with no or two decimals; \
             write fixed = 600 or fixed = 600.50",
            "40:12: `reserved` is not known for `past_cap`; did you mean `reserve`?",
        ]
        .map(|line| line.replace("40:12", "40:1")),
        "{}",
        lines.join("\n")
    );
    assert!(
        lines[4].starts_with("49:18: ") && lines[4].contains("maxItems"),
        "{}",
        lines[4]
    );
    assert_eq!(lines.len(), 5, "{}", lines.join("\n"));
}

#[test]
fn what_is_no_toml_is_told_with_its_place() {
    assert_told(
        "opens = 2026-01-01T00:00:00+01:00",
        "opens 2026",
        "2026\n",
        "this is not TOML",
        "https://toml.io",
    );
    assert_told("[help]", "[title]", "title]\nit = \"Per", "this is not TOML", "");
    assert_told("one_per =", "id =", "id = [", "this is not TOML", "");
}

const PLAIN_KEYS: &[Broken] = &[
    (
        "[title]\n",
        "[title]\none_per = []\n",
        "one_per = []",
        "unknown key `one_per` in `title`",
        "above the first [heading]",
    ),
    (
        "id = \"school-bonus-2026\"",
        "id = \"School\"",
        "id = \"School",
        "`id`: an identifier has",
        "write id =",
    ),
    (
        "id = \"school-bonus-2026\"\n",
        "",
        "# An",
        "`id` is missing in the file",
        "write id = \"bicycle-bonus-2026\"",
    ),
    (
        "id = \"school-bonus-2026\"",
        "id = 7",
        "id = 7",
        "`id` is not a text",
        "write id =",
    ),
    (
        "\"/answers/children/*/tax_code\"]",
        "\"children\"]",
        "\"children\"]",
        "begins with /answers/",
        "write one_per =",
    ),
    (
        "\"/answers/children/*/tax_code\"]",
        "\"applicant\"]",
        "\"applicant\"]\ninc",
        "this pointer appears twice",
        "remove one",
    ),
    (
        "\"/answers/children/*/tax_code\"]",
        "\"/answers/child/*/tax_code\"]",
        "\"/answers/child/",
        "no form has a text field there",
        "type string",
    ),
    (
        "incompatible_with = []",
        "per_applicant = 4\nincompatible_with = []",
        "per_applicant",
        "`per_applicant` is not a whole number from 5 to 1000000",
        "write per_applicant = 20",
    ),
    (
        "incompatible_with = []",
        "incompatible_with = \"car\"",
        "incompatible_with",
        "is not a list",
        "[\"car-bonus-2026\"]",
    ),
    (
        "incompatible_with = []",
        "incompatible_with = [\"school-bonus-2026\"]",
        "\"school-bonus-2026\"]",
        "can't exclude itself",
        "one_per",
    ),
    (
        "incompatible_with = []",
        "incompatible_with = [\"a\", \"a\"]",
        "\"a\"]",
        "appears twice",
        "remove one",
    ),
    (
        "format = \"tax-code\"",
        "maxLength = 100",
        "\"/answers/children/*/tax_code\"]",
        "too long to identify one person or thing",
        "maxLength = 64",
    ),
    (
        "\"email\"]",
        "\"e-mail\"]",
        "\"e-mail\"]",
        "`e-mail` is not known",
        "did you mean `email`?",
    ),
    (
        "en = \"School bonus\"\n",
        "",
        "title]",
        "`en` is missing in `title`",
        "de = \"…\"",
    ),
    (
        "en = \"School bonus\"",
        "en = \"  \"",
        "en = \"  \"",
        "`en` is not filled in",
        "write",
    ),
    (
        "en = \"School bonus\"",
        "fr = \"Bonus\"",
        "fr = ",
        "unknown key `fr` in `title`",
        "use one of: it, en, de",
    ),
    (
        "https://example.org",
        "http://example.org",
        "url =",
        "https://",
        "write url =",
    ),
    (
        "articles = [\"1\", \"2\"]",
        "articles = []",
        "articles = []",
        "at least one article",
        "write articles =",
    ),
];

#[test]
fn mistakes_of_plain_keys() {
    assert_all_told(PLAIN_KEYS);
    let long = format!("en = \"{}\"", "a".repeat(2_001));
    assert_told(
        "en = \"School bonus\"",
        &long,
        "en = \"aaa",
        "at most 2000 characters",
        "",
    );
}

const OPENING_WINDOWS_AND_ORDER: &[Broken] = &[
    (
        "closes = 2026-07-01T00:00:00+02:00",
        "closes = 2025-07-01T00:00:00+02:00",
        "closes",
        "is not after `opens`",
        "too late",
    ),
    (
        "opens = 2026-01-01T00:00:00+01:00",
        "opens = 2026-01-01T00:00:00",
        "opens",
        "with the offset",
        "write opens = 2020-04-01T00:00:00+02:00",
    ),
    (
        "opens = 2026-01-01T00:00:00+01:00",
        "opens = \"2026-01-01\"",
        "opens",
        "with the offset",
        "",
    ),
    (
        "\"16:00-08:00\"",
        "\"16-08\"",
        "\"16-08\"",
        "such as 08:00-16:00",
        "",
    ),
    (
        "\"16:00-08:00\"",
        "\"08:00-08:00\"",
        "\"08:00-08:00\"",
        "such as 08:00-16:00",
        "",
    ),
    (
        "[\"16:00-08:00\"]",
        "[]",
        "citizen = []",
        "has no hours",
        "remove it",
    ),
    (
        "citizen = [",
        "citizens = [",
        "citizens",
        "unknown key `citizens` in `windows`",
        "did you mean `citizen`?",
    ),
    (
        "policy = \"lottery\"",
        "policy = \"raffle\"",
        "policy = \"raffle",
        "`raffle` is not known",
        "use one of: arrival, none, lottery",
    ),
    (
        "policy = \"lottery\"",
        "policy = \"arrival\"",
        "seed =",
        "only a lottery has a seed",
        "remove it",
    ),
    (
        "policy = \"lottery\"",
        "policy = \"lottery\"\nclock_tolerance_seconds = 5",
        "clock_tolerance_seconds",
        "only the order of arrival depends on clocks",
        "remove it",
    ),
    (
        "seed_published_at = 2026-07-02T12:00:00+02:00",
        "seed_published_at = 2026-06-30T12:00:00+02:00",
        "seed_published_at",
        "before the benefit closes",
        "afterwards",
    ),
    (
        "seed_published_at = 2026-07-02T12:00:00+02:00\n",
        "",
        "seed =",
        "both `seed` and `seed_published_at`",
        "write both",
    ),
    (
        "seed = \"an invented seed, drawn in public\"",
        "seed = \"short\"",
        "seed = \"short",
        "16 to 200 characters",
        "",
    ),
];

#[test]
fn mistakes_of_opening_windows_and_order() {
    assert_all_told(OPENING_WINDOWS_AND_ORDER);
}

const RETENTION: &[Broken] = &[
    (
        "[retention]\ndays = 3650\nthen = \"pseudonymise\"\n",
        "",
        "# An",
        "`retention` is missing in the file",
        "write [retention] with days = 3650",
    ),
    (
        "days = 3650\n",
        "",
        "retention]",
        "`days` is missing in `retention`",
        "write days = 3650",
    ),
    (
        "days = 3650",
        "days = 0",
        "days",
        "from 1 to 36500",
        "write days =",
    ),
    ("days = 3650", "days = 36501", "days", "from 1 to 36500", ""),
    ("days = 3650", "days = 10.5", "days", "a whole number", ""),
    (
        "days = 3650",
        "days = 1",
        "days",
        "not kept until the seed is published",
        "increase `days`",
    ),
    (
        "closes = 2026-07-01T00:00:00+02:00",
        "closes = 9999-01-01T00:00:00+02:00",
        "days = 3650",
        "not within the calendar",
        "",
    ),
    (
        "then = \"pseudonymise\"",
        "then = \"anonymise\"",
        "then",
        "`anonymise` is not known for `then`",
        "did you mean `pseudonymise`?",
    ),
    (
        "then = \"pseudonymise\"",
        "than = \"pseudonymise\"",
        "than",
        "unknown key `than` in `retention`",
        "did you mean `then`?",
    ),
];

#[test]
fn mistakes_of_retention() {
    assert_all_told(RETENTION);
}

const MONEY: &[Broken] = &[
    (
        "fixed = 600.50",
        "fixed = 600.505",
        "fixed",
        "with no or two decimals",
        "fixed = 600.50",
    ),
    ("fixed = 600.50", "fixed = 0", "fixed", "an amount in euro", ""),
    ("fixed = 600.50", "fixed = 1e3", "fixed", "an amount in euro", ""),
    (
        "fixed = 600.50",
        "fixed = \"600\"",
        "fixed",
        "an amount in euro",
        "",
    ),
    (
        "fixed = 600.50",
        "requested = \"/answers/amount\"",
        "amount]",
        "either fixed, or requested",
        "at_most = 1000",
    ),
    (
        "requested = \"/answers/amount\", at",
        "requested = \"/answers/amuont\", at",
        "requested = ",
        "no number there",
        "number or integer",
    ),
    (
        "[category.form]\nrequired = [\"amount\"]\n",
        "[category.form]\n",
        "requested = ",
        "may be left out",
        "in `required`",
    ),
    (
        "[amount]\nfixed = 600.50\n",
        "",
        "budget]",
        "a budget without an amount",
        "add an amount",
    ),
    (
        "cap = 1_000_000\n",
        "",
        "budget]",
        "`cap` is missing",
        "write cap =",
    ),
    (
        "past_cap = \"refuse\"",
        "past_cap = \"refused\"",
        "past_cap = \"refused\"",
        "`refused` is not known",
        "did you mean `refuse`?",
    ),
];

#[test]
fn mistakes_of_money() {
    assert_all_told(MONEY);
}

const CATEGORIES: &[Broken] = &[
    (
        "id = \"foster-families\"",
        "id = \"families\"",
        "id = \"families\"\ntitle",
        "this category appears twice",
        "remove one",
    ),
    (
        "id = \"foster-families\"\n",
        "",
        "[[category]]\ntitle",
        "`id` is missing",
        "write id =",
    ),
    (
        "[category.form.properties.amount]",
        "[category.form.properties.children]",
        "children]\ntype = \"number\"",
        "`children` is in the common form already",
        "another name",
    ),
    (
        "[category.form]\n",
        "[category.form]\ntype = \"string\"\n",
        "type = \"string\"\nrequired = [\"amount\"]",
        "of the type object",
        "remove `type`",
    ),
];

#[test]
fn mistakes_of_categories() {
    assert_all_told(CATEGORIES);
}

const FORMS: &[Broken] = &[
    (
        "maxItems = 5",
        "maxItem = 5",
        "maxItem = 5",
        "maxItem",
        "maxItems",
    ),
    (
        "type = \"number\"\nminimum",
        "type = \"nubmer\"\nminimum",
        "type = \"nubmer\"",
        "nubmer",
        "number",
    ),
    (
        "format = \"tax-code\"",
        "format = \"taxcode\"",
        "format = \"taxcode\"",
        "taxcode",
        "tax-code",
    ),
    (
        "minimum = 1\n",
        "minimum = 2026-01-01\n",
        "2026-01-01\nmaximum",
        "a date is not allowed here",
        "quotation marks",
    ),
    (
        "minimum = 1\n",
        "minimum = inf\n",
        "inf\nmaximum",
        "infinity",
        "write a number",
    ),
    (
        "required = [\"amount\"]",
        "required = [\"amuont\"]",
        "\"amuont\"",
        "amuont",
        "amount",
    ),
];

#[test]
fn mistakes_of_forms() {
    assert_all_told(FORMS);
}

const RULES: &[Broken] = &[
    (
        "unique(answers.children.map",
        "1 => unique(answers.children.map",
        "=> unique",
        "the expression can't be read",
        "compare with ==",
    ),
    (
        "code = \"child_twice\"",
        "code = \"Child twice\"",
        "code = \"Child twice",
        "lower-case letters, digits and _",
        "write code =",
    ),
    (
        "code = \"child_twice\"",
        "code = \"child_too_old\"",
        "code = \"child_too_old\"\nat",
        "this code appears twice",
        "remove one",
    ),
    (
        "each = \"/answers/children\"",
        "each = \"/answers/kids\"",
        "each",
        "no form has a list there",
        "type array",
    ),
    (
        "each = \"/answers/children\"",
        "each = \"/answers/children/*\"",
        "each",
        "a pointer to one list",
        "write each =",
    ),
    (
        "at = \"/tax_code\"",
        "at = \"/taxcode\"",
        "at = \"/taxcode\"",
        "no form has a field there",
        "",
    ),
    (
        "at = \"/tax_code\"",
        "at = \"/answers/children\"",
        "at = \"/answers/children\"\ncheck = 'age",
        "a place in the element",
        "",
    ),
    (
        "at = \"/answers/amount\"",
        "at = \"amount\"",
        "at = \"amount\"",
        "a place below /answers",
        "",
    ),
    (
        "categories = [\"families\"]",
        "categories = [\"familes\"]",
        "\"familes\"",
        "no category `familes`",
        "did you mean `families`?",
    ),
    (
        "check = \"unique(answers.children.map(child, child.tax_code))\"\n",
        "",
        "[[rule]]\ncode = \"child_twice\"",
        "`check` is missing",
        "write check =",
    ),
    (
        "answers.amount <= 100.0",
        "has(answers.amount) || answer.amount <= 100.0",
        "answer.amount <=",
        "answer",
        "answers",
    ),
    (
        "unique(answers",
        "uniqe(answers",
        "(answers.children.map",
        "uniqe",
        "unique",
    ),
];

#[test]
fn mistakes_of_rules() {
    assert_all_told(RULES);
}

const THE_EXAMPLE: &[Broken] = &[
    (
        "category = \"families\"\n",
        "category = \"family\"\n",
        "category = \"family\"\n",
        "no such category",
        "correct the example",
    ),
    (
        "iban = \"IT60X0542811101000000123456\"",
        "iban = \"IT61X0542811101000000123456\"",
        "iban = \"IT61",
        "check digits",
        "",
    ),
    (
        ", email = \"mario.rossi@example.org\"",
        "",
        "applicant = {",
        "`/applicant/email`",
        "",
    ),
    ("amount = 100\n", "", "answers]", "`/answers/amount`", ""),
    (
        "amount = 100\n",
        "amount = 101\n",
        "amount = 101",
        "too much",
        "correct the example, or the rule",
    ),
    (
        "{ tax_code = \"SPSMTT12D04L219K\" }",
        "{ tax_code = \"RSSMRA80A01H501U\" }",
        "tax_code = \"RSSMRA80A01H501U\" }]",
        "is of age",
        "",
    ),
    (
        "amount = 100\n",
        "amount = 100\ncolour = \"red\"\n",
        "colour = \"red\"",
        "`/answers/colour`",
        "",
    ),
    (
        "answers.amount <= 100.0",
        "answers.amuont <= 100.0",
        "check = \"answers.amuont",
        "can't be evaluated on the example",
        "has(answers.field)",
    ),
];

#[test]
fn mistakes_of_the_example() {
    assert_all_told(THE_EXAMPLE);
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
