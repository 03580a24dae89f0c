use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn message() -> Text {
    Text::fixed("così no", "not so", "so nicht")
}

fn pointer(text: &str) -> JsonPointer {
    JsonPointer::parse(text).unwrap()
}

fn source(code: &str, check: &str) -> RuleSource {
    RuleSource {
        code: code.to_owned(),
        each: None,
        at: pointer("/answers/periods"),
        categories: Vec::new(),
        check: check.to_owned(),
        message: message(),
    }
}

fn rule(check: &str) -> Rule {
    Rule::compile(source("wrong", check)).unwrap_or_else(|mistake| panic!("{check}: {mistake:?}"))
}

fn application(answers: Value) -> Application {
    let content = json!({
        "benefit": "parental-leave-2020",
        "category": "self-employed",
        "applicant": { "tax_code": "RSSMRA80A01H501U", "given_name": "Mario", "family_name": "Rossi",
            "birth_date": "1980-01-01" },
        "answers": answers,
    });
    Application::parse(content.to_string().as_bytes()).unwrap()
}

fn leave() -> Application {
    application(json!({
        "periods": [
            { "from": "2020-03-05", "to": "2020-03-10" },
            { "from": "2020-04-01", "to": "2020-04-03" },
        ],
        "children": [{ "tax_code": "RSSMRA80A01H501U" }, { "tax_code": "rssmra80a01h 501u" }],
        "amounts": [0.1, 0.2, 300],
        "amount": 600.0,
        "place": "Roma",
    }))
}

/// Judges what was received on 10 April 2020.
fn judged<'r>(rules: &'r [Rule], application: &Application) -> Judgement<'r> {
    judge(rules, application, "2020-04-10T08:00:00Z".parse().unwrap())
}

/// What a check says of an application; nothing where it can't be evaluated.
fn holds(check: &str, application: &Application) -> Option<bool> {
    let rules = [rule(check)];
    let judgement = judged(&rules, application);
    judgement
        .failures
        .is_empty()
        .then_some(judgement.violations.is_empty())
}

#[test]
fn expressions_see_answers_category_and_applicant() {
    for check in [
        "answers.place == 'Roma'",
        "size(answers.periods) == 2 && answers.periods.size() == 2",
        "category == 'self-employed'",
        "applicant.tax_code.startsWith('RSS')",
        "!has(answers.other) && has(answers.place)",
        "applicant.birth_date == '1980-01-01'",
        "answers.periods.all(p, p.from <= p.to && p.from >= '2020-03-05')",
        "answers.amount == 600 && answers.amount % 7 == 5",
        "'Roma' in ['Roma', 'Bolzano'] ? true : false",
    ] {
        assert_eq!(holds(check, &leave()), Some(true), "{check}");
    }
    assert_eq!(holds("answers.place == 'Bolzano'", &leave()), Some(false));
}

#[test]
fn functions_count_days_sums_and_overlaps() {
    for check in [
        "age_on(applicant.tax_code, '2020-01-01') == 40 && age_on(applicant.tax_code, '2019-12-31') == 39",
        "days('2020-02-28', '2020-03-01') == 3",
        "days('2020-03-05', '2020-03-05') == 1",
        "days('2020-03-06', '2020-03-05') == 0",
        "sum(answers.periods.map(p, days(p.from, p.to))) == 9",
        "sum([]) == 0 && sum([1, 2]) == 3 && sum([0.1, 0.2]) == 0.3",
        "sum(answers.amounts) == 300.3",
        "unique(['a', 'b', 'ab']) && !unique(['a', ' A']) && unique([1, 2]) && !unique([2, 2])",
        "!unique(answers.children.map(c, c.tax_code))",
        "!unique(['a\u{200b}\u{301}', 'Á']) && !unique(['A–1', 'a-1'])",
        "!overlap(answers.periods) && !answers.periods.overlap()",
        "overlap([{'from': '2020-03-05', 'to': '2020-03-10'}, {'from': '2020-03-01', 'to': '2020-03-05'}])",
        "!overlap([{'from': '2020-03-05', 'to': '2020-03-01'}, {'from': '2020-03-01', 'to': '2020-03-05'}])",
        "overlap([{'from': '2020-01-01', 'to': '2020-12-31'}, {'from': '2020-02-01', 'to': '2020-02-02'},
            {'from': '2020-03-01', 'to': '2020-03-02'}])",
    ] {
        assert_eq!(holds(check, &leave()), Some(true), "{check}");
    }
}

#[test]
fn an_age_is_worked_out_on_both_sides_of_a_century() {
    for (person, age) in [
        // born on the day, the day after, on the day of the application, and the day after that: a
        // hundred years ago
        ("VRDGLI20C05H501R", 0),
        ("VRDGLI20C06H501T", -1),
        ("VRDGLI20D10H501I", -1),
        ("VRDGLI20D11H501H", 99),
        ("VRDGLI00B29H501S", 20),
        ("2020-03-06", -1),
        ("1920-03-05", 100),
        ("1920-03-06", 99),
    ] {
        let person = person.to_lowercase();
        let check = format!("age_on('{person}', '2020-03-05') == {age}");
        assert_eq!(holds(&check, &leave()), Some(true), "{check}");
        let check = format!("age_on('{person}', '2020-03-05') < 12");
        assert_eq!(holds(&check, &leave()), Some(age < 12), "{check}");
    }
}

#[test]
fn an_applicant_of_a_hundred_years_is_as_old_as_their_birthday_says() {
    for (birth_date, age) in [(Some("1920-03-05"), 100), (Some("1970-03-05"), 0), (None, 0)] {
        let mut content = json!({
            "benefit": "parental-leave-2020",
            "applicant": { "tax_code": "VRDGLI20C05H501R", "given_name": "Giulio", "family_name": "Verdi" },
        });
        if let Some(birth_date) = birth_date {
            content["applicant"]["birth_date"] = json!(birth_date);
        }
        let application = Application::parse(content.to_string().as_bytes()).unwrap();
        let check = format!("age_on(applicant.tax_code, '2020-03-05') == {age}");
        assert_eq!(holds(&check, &application), Some(true), "{birth_date:?}");
    }
}

#[test]
fn a_rule_that_has_no_answer_fails_and_is_not_violated() {
    let unevaluable = [
        "answers.other == 1",
        "answers.place > 3",
        "answers.place",
        "days(answers.place, '2020-03-01') > 0",
        "days('2020-3-1', '2020-03-01') > 0",
        "sum(['a']) > 0",
        "sum(answers.place) > 0",
        "unique([['a']])",
        "overlap([{'from': '2020-03-05'}])",
        "overlap([1])",
        "age_on('12345678903', '2020-03-05') > 1",
        "age_on(answers.place, '2020-03-05') > 1",
    ];
    for check in unevaluable {
        let rules = [rule(check), rule("false")];
        let told = judged(&rules, &leave());
        assert_eq!(told.failures, [RuleFailure { code: "wrong" }], "{check}");
        assert_eq!(told.violations.len(), 1, "the other rule is judged all the same");
    }
}

#[test]
fn a_violation_points_where_the_rule_says() {
    let told = judged(&[rule("false")], &leave()).violations.remove(0);
    assert_eq!(
        (told.pointer.as_str(), told.code.as_ref()),
        ("/answers/periods", "wrong")
    );
    assert_eq!(told.message, message());
}

#[test]
fn a_rule_for_each_element_points_into_the_element() {
    for (at, expected) in [("/to", "/answers/periods/1/to"), ("", "/answers/periods/1")] {
        let rule = Rule::compile(RuleSource {
            each: Some(pointer("/answers/periods")),
            at: pointer(at),
            ..source(
                "short",
                "days(item.from, item.to) > 3 && size(answers.periods) == 2",
            )
        })
        .unwrap();
        let pointers: Vec<String> = judged(&[rule], &leave())
            .violations
            .into_iter()
            .map(|violation| violation.pointer.to_string())
            .collect();
        assert_eq!(pointers, [expected]);
    }
}

#[test]
fn a_list_that_is_not_there_has_no_element_to_check() {
    for each in ["/answers/other", "/answers/place", "/answers/periods/0"] {
        let rule = Rule::compile(RuleSource {
            each: Some(pointer(each)),
            ..source("never", "item == 1")
        })
        .unwrap();
        assert_eq!(judged(&[rule], &leave()), Judgement::default(), "{each}");
    }
}

#[test]
fn a_rule_of_other_categories_is_not_judged() {
    let of = |category: &str| {
        Rule::compile(RuleSource {
            categories: vec![CategoryId::parse(category).unwrap()],
            ..source("of_category", "false")
        })
        .unwrap()
    };
    assert_eq!(judged(&[of("self-employed")], &leave()).violations.len(), 1);
    assert_eq!(judged(&[of("farm-workers")], &leave()), Judgement::default());
}

/// The mistake of each check, after the text that it points at.
fn sentences(sources: impl IntoIterator<Item = RuleSource>) -> String {
    let sentences = sources.into_iter().map(|source| {
        let check = source.check.clone();
        let Some(mistake) = Rule::compile(source).err() else {
            panic!("{check}");
        };
        let there: String = check.chars().skip(mistake.offset).take(60).collect();
        format!(
            "{check:.100}\n  {} at {there}\n  {}\n  {}",
            mistake.offset, mistake.message, mistake.advice
        )
    });
    sentences.collect::<Vec<_>>().join("\n\n")
}

#[test]
fn a_mistake_is_reported_with_its_place_and_the_nearest_word() {
    let checks = [
        "answer.place == 'à'",
        "'à' == answer.place",
        "true &&\n  sume([1]) > 0",
        "answers.a.matches('x')",
        "sum(1, 2) > 0",
        "item == 1",
        "answers.a.all(x, x > y)",
        "x && answers.a.all(x, x > 1)",
        " ",
        "true &&\n  && false",
    ];
    assert_snapshot!(sentences(checks.map(|check| source("wrong", check))));
}

#[test]
fn a_rule_knows_the_fields_that_it_reads() {
    let reads = |each: Option<&str>, check: &str| {
        let rule = Rule::compile(RuleSource {
            each: each.map(pointer),
            ..source("reads", check)
        })
        .unwrap();
        let reads = rule
            .reads()
            .into_iter()
            .map(|read| (read.pointer.to_string(), read.offset));
        reads.collect::<Vec<_>>()
    };
    let pointers = |each, check| {
        reads(each, check)
            .into_iter()
            .map(|read| read.0)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        pointers(
            None,
            "!has(answers.a) || answers.b.c > 1 && category == applicant.tax_code"
        ),
        ["/answers/a", "/answers/b/c"]
    );
    assert_eq!(
        pointers(
            Some("/answers/a"),
            "item.b == 1 && answers.c.all(x, x.d == item.e.f)"
        ),
        [
            "/answers/a/*/b",
            "/answers/c",
            "/answers/c/*/d",
            "/answers/a/*/e/f"
        ]
    );
    assert_eq!(
        pointers(None, "answers.c.all(x, x.d.exists(y, y.e == x.f))"),
        [
            "/answers/c",
            "/answers/c/*/d",
            "/answers/c/*/d/*/e",
            "/answers/c/*/f"
        ]
    );
    assert_eq!(
        pointers(None, "answers.c.all(answers, answers.d == 1)"),
        ["/answers/c", "/answers/c/*/d"]
    );
    assert_eq!(reads(None, "'à' == answers.a"), [("/answers/a".to_owned(), 14)]);
}

#[test]
fn an_expression_can_not_cost_much() {
    let checks = [
        format!("true{}", " ".repeat(1_000)),
        format!("{}true{}", "(".repeat(61), ")".repeat(61)),
        format!("1{} == 1", "+1".repeat(100)),
        "answers.a.all(x, answers.a.all(y, answers.a.all(z, x == y && y == z)))".to_owned(),
    ];
    let each = RuleSource {
        each: Some(pointer("/answers/a")),
        ..source("wrong", "answers.a.all(y, answers.a.all(z, y == z))")
    };
    let sources = checks.iter().map(|check| source("wrong", check));
    assert_snapshot!(sentences(sources.chain([each])));
}

/// A worker thread has 2 MiB; this test has half of it.
#[test]
fn no_expression_exhausts_the_stack() {
    let deep = [
        format!("{}true{}", "(".repeat(60), ")".repeat(60)),
        format!("{}1{}", "[".repeat(60), "]".repeat(60)),
        format!("{}1{}", "{1:".repeat(60), "}".repeat(60)),
        format!("{}1{}", "size(".repeat(60), ")".repeat(60)),
        format!("{}true", "true?false:".repeat(60)),
        format!("answers{}", ".a".repeat(490)),
        format!("answers{}", "[0]".repeat(60)),
        format!("1{}", "+1".repeat(490)),
        format!("1{}", "<1".repeat(490)),
        format!("true{}", "&&true".repeat(160)),
        format!("{}true", "!".repeat(990)),
        format!("{}1", "-".repeat(990)),
        "(".repeat(60),
        "-(!".repeat(60),
        "\"".repeat(999),
    ];
    let judged = std::thread::Builder::new().stack_size(1 << 20).spawn(move || {
        for check in deep {
            if let Ok(rule) = Rule::compile(source("deep", &check)) {
                judged(&[rule], &leave());
            }
        }
    });
    judged.unwrap().join().unwrap();
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z0-9-]{0,10}".prop_map(Value::from),
        Just(json!("2020-03-05")),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::hash_map("(from|to|periods|children|tax_code|amount)", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_answers_are_judged(periods in any_json(), children in any_json(), amount in any_json()) {
        let rules = [
            rule("sum(answers.periods.map(p, days(p.from, p.to))) <= 15"),
            rule("!overlap(answers.periods)"),
            rule("unique(answers.children.map(c, c.tax_code))"),
            rule("answers.children.all(c, age_on(c.tax_code, '2020-03-05') < 12)"),
            rule("answers.amount * 2 + 1 > 3 && sum([answers.amount, answers.amount]) < 10"),
        ];
        judged(&rules, &application(json!({"periods": periods, "children": children, "amount": amount})));
    }

    #[test]
    fn any_expression_compiles_or_is_a_mistake(check in "[a-c0-9 .(){}\\[\\]?:!&|=<>+*/%'\"\\\\,-]{0,60}") {
        if let Ok(rule) = Rule::compile(source("any", &check)) {
            judged(&[rule], &leave());
        }
    }
}
