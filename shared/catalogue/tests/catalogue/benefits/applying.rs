use jiff::Timestamp;
use serde_json::{Value, json};
use sportello_catalogue::Benefit;
use sportello_domain::{
    AcceptedApplication, Application, ApplicationId, CatalogueVersion, Channel, ContentDigest, Disposal,
    Order, OrganisationId, PastCap, Reason, Submitter,
};

use crate::benefits::{SCHOOL, changed, school};

fn application(json: &Value) -> Application {
    Application::parse(json.to_string().as_bytes()).unwrap()
}

fn violations(json: &Value) -> Vec<(String, String)> {
    school()
        .validate(&application(json), at("2026-09-10T08:00:00Z"))
        .into_iter()
        .map(|violation| (violation.pointer.to_string(), violation.code.into_owned()))
        .collect()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn accepted(json: &Value, received_at: &str) -> AcceptedApplication {
    AcceptedApplication {
        id: ApplicationId::from(uuid::Uuid::nil()),
        submitter: Submitter::Intermediary(OrganisationId::parse("caf-example").unwrap()),
        received_at: at(received_at),
        content_digest: ContentDigest::of(b""),
        validated_with: CatalogueVersion::of(b"another"),
        hours_judged: false,
        batch: None,
        application: application(json),
    }
}

#[test]
fn category_applicant_form_and_rules_are_judged() {
    let good = school().example();
    assert_eq!(violations(&good), []);

    let mut json = good.clone();
    json.as_object_mut().unwrap().remove("category");
    json["applicant"].as_object_mut().unwrap().remove("iban");
    assert_eq!(
        violations(&json),
        [
            ("/applicant/iban".into(), "required".into()),
            ("/category".into(), "required".into())
        ]
    );
    json["category"] = json!("moon-people");
    assert_eq!(
        violations(&json)[1],
        ("/category".into(), "category_unknown".into())
    );

    // rules wait until the form is filled in well
    let mut json = good.clone();
    json["answers"] = json!({"children": [{}], "amount": 5_000});
    let told = violations(&json);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told.contains(&("/answers/children/0/tax_code".into(), "required".into())),
        "{told:?}"
    );
    let child = json!({"tax_code": "SPSMTT12D04L219K"});
    json["answers"] = json!({"children": [child, child], "amount": 300});
    assert_eq!(
        violations(&json),
        [
            ("/answers/children".into(), "child_twice".into()),
            ("/answers/amount".into(), "asks_too_much".into())
        ]
    );
}

#[test]
fn a_rule_is_for_its_categories_and_so_is_a_form() {
    let mut json = school().example();
    json["category"] = json!("foster-families");
    assert_eq!(violations(&json).len(), 1, "the amount is no field of this form");
    json["answers"].as_object_mut().unwrap().remove("amount");
    assert_eq!(violations(&json), []);
}

#[test]
fn a_benefit_without_categories_expects_none() {
    let start = SCHOOL.find("[[category]]").unwrap();
    let end = SCHOOL.find("[example]").unwrap();
    let file = format!("{}{}", &SCHOOL[..start], &SCHOOL[end..])
        .replacen("category = \"families\"\n", "", 1)
        .replacen("amount = 100\n", "", 1);
    let rule = file.find("[[rule]]\ncode = \"asks_too_much\"").unwrap();
    let file = format!("{}{}", &file[..rule], &file[file.find("[example]").unwrap()..]);
    let benefit =
        Benefit::parse(&file).unwrap_or_else(|mistakes| panic!("{}", crate::benefits::told(&mistakes)));
    let mut json = benefit.example();
    assert!(
        benefit
            .validate(&application(&json), at("2026-09-10T08:00:00Z"))
            .is_empty()
    );
    json["category"] = json!("families");
    let told = benefit.validate(&application(&json), at("2026-09-10T08:00:00Z"));
    assert_eq!((told.len(), &*told[0].code), (1, "category_not_expected"));
    assert!(json!(benefit.document())["form"]["properties"]["children"].is_object());
}

#[test]
fn a_ruling_says_all_that_deciding_needs() {
    let benefit = school();
    let mut json = benefit.example();
    json["answers"]["children"] =
        json!([{"tax_code": "spsmtt 12d04 l219k"}, {"tax_code": "RSSMRA80A01H501U"}]);
    let ruling = benefit.ruling(&accepted(&json, "2026-02-01T09:00:00+01:00"));
    let subjects: Vec<&str> = ruling.one_per.iter().map(|subject| subject.as_str()).collect();
    assert_eq!(subjects, ["RSSMRA80A01H501U", "SPSMTT12D04L219K"]);
    assert_eq!(ruling.closed, None);
    assert_eq!(ruling.amount_cents, Some(10_000));
    assert_eq!(ruling.budget.unwrap().category.unwrap().as_str(), "families");
    assert_eq!(&ruling.version, benefit.version());
    let mut judged = accepted(&json, "2026-02-01T12:00:00+01:00");
    judged.hours_judged = true;
    assert_eq!(benefit.ruling(&judged).closed, None, "the door let it in");
    let closed = |received_at| benefit.ruling(&accepted(&json, received_at)).closed;
    assert_eq!(closed("2026-02-01T12:00:00+01:00"), Some(Reason::OutsideWindow));
    assert_eq!(closed("2026-07-01T00:00:00+02:00"), Some(Reason::AfterClosing));
    assert_eq!(closed("2025-12-31T23:59:59+01:00"), Some(Reason::BeforeOpening));
}

#[test]
fn a_ruling_is_made_of_any_application_for_the_file_may_have_changed() {
    let benefit = school();
    let mut json = benefit.example();
    let amount = |json: &Value| {
        let ruling = benefit.ruling(&accepted(json, "2026-02-01T09:00:00+01:00"));
        (ruling.amount_cents, ruling.budget.unwrap().category.is_some())
    };
    json["answers"] = json!({"children": "none"});
    assert_eq!(amount(&json), (Some(35_075), true));
    json["answers"] = json!({"amount": 0.29});
    assert_eq!(amount(&json), (Some(29), true));
    for category in [json!("foster-families"), json!("moon-people"), json!(null)] {
        json["category"] = category;
        assert_eq!(amount(&json), (Some(60_050), false));
    }
}

#[test]
fn budgets_and_the_order_are_as_declared() {
    let rules = school().budget_rules();
    let shown: Vec<_> = rules
        .iter()
        .map(|rule| {
            (
                rule.key.category.as_ref().map(|id| id.as_str()),
                rule.cap_cents,
                rule.past_cap,
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            (None, 100_000_000, PastCap::Reserve),
            (Some("families"), 500_000, PastCap::Refuse)
        ]
    );
    assert_eq!(school().clock_tolerance(), None, "a lottery needs no clock");
    let seed = Some("an invented seed, drawn in public".to_owned());
    assert_eq!(rules[0].order, Order::Lottery { seed });
    assert_eq!(rules[0].closes, at("2026-07-01T00:00:00+02:00"));
}

#[test]
fn applications_are_kept_so_many_days_of_the_calendar_after_the_closing() {
    let retention = school().retention();
    assert_eq!(retention.benefit, *school().id());
    assert_eq!(retention.then, Disposal::Pseudonymise);
    assert_eq!(retention.ends, at("2036-06-28T00:00:00+02:00"));
    assert!(!retention.has_ended(at("2036-06-27T23:59:59+02:00")));
    assert!(retention.has_ended(retention.ends));
}

#[test]
fn channels_open_at_their_hours() {
    let benefit = school();
    let noon = at("2026-03-01T12:30:00+01:00");
    for (channel, opens) in [
        (Channel::Citizen, "2026-03-01T16:00:00+01:00"),
        (Channel::Intermediary, "2026-03-01T13:00:00+01:00"),
    ] {
        assert_eq!(benefit.closed(channel, noon), Some(Reason::OutsideWindow));
        assert_eq!(benefit.next_opening(channel, noon), Some(at(opens)));
    }
}

#[test]
fn the_document_says_everything_and_always_the_same() {
    let document = json!(school().document());
    assert_eq!(document.to_string(), json!(school().document()).to_string());
    assert_eq!(
        document["version"],
        CatalogueVersion::of(SCHOOL.as_bytes()).as_str()
    );
    assert_eq!(
        document["title"],
        json!({"it": "Bonus scuola", "en": "School bonus", "de": "Schulbonus"})
    );
    assert_eq!(document["opening"]["closes"], "2026-07-01T00:00:00+02:00");
    assert_eq!(
        document["windows"]["intermediary"],
        json!(["08:00-12:00", "13:00-16:00"])
    );
    assert_eq!(document["amount"], json!({"fixed": 600.5}));
    assert_eq!(
        document["budget"],
        json!({"cap": 1_000_000, "past_cap": "reserve"})
    );
    assert_eq!(
        document["order"]["seed_published_at"],
        "2026-07-02T12:00:00+02:00"
    );
    assert_eq!(
        document["retention"],
        json!({"days": 3650, "ends": "2036-06-28T00:00:00+02:00", "then": "pseudonymise"})
    );
    assert_eq!(
        document["one_per"],
        json!(["applicant", "/answers/children/*/tax_code"])
    );
    assert_eq!(document["per_applicant"], 20, "where the file says nothing");
    let lifted = changed(
        "incompatible_with = []",
        "incompatible_with = []\nper_applicant = 300000",
    );
    let lifted =
        Benefit::parse(&lifted).unwrap_or_else(|mistakes| panic!("{}", crate::benefits::told(&mistakes)));
    assert_eq!(lifted.per_applicant().get(), 300_000);
    assert_eq!(document["required_of_applicant"], json!(["iban", "email"]));
    assert_eq!(document["rules"][0]["code"], "child_too_old");
    assert_eq!(document["example"], school().example());
    let families = &document["categories"][0];
    assert_eq!(
        families["amount"],
        json!({"requested": "/answers/amount", "at_most": 350.75})
    );
    assert_eq!(families["form"]["required"], json!(["children", "amount"]));
    assert_eq!(families["form"]["additionalProperties"], false);
    let summary = json!(school().summary());
    assert_eq!(summary["categories"][1]["id"], "foster-families");
    assert!(summary.get("form").is_none() && summary.get("example").is_none());
    let changed = Benefit::parse(&changed("# An", "# Another")).unwrap_or_else(|_| panic!("a comment"));
    assert_ne!(changed.version(), school().version());
}

#[test]
fn the_fields_of_a_form_keep_the_order_of_the_file() {
    let file = include_str!("../../../../../catalogue/baby-sitting-bonus-2020.toml");
    let benefit =
        Benefit::parse(file).unwrap_or_else(|mistakes| panic!("{}", crate::benefits::told(&mistakes)));
    let (_, form) = benefit.forms().next().unwrap();
    assert_eq!(
        form["order"],
        json!(["amount", "children", "no_parent_at_home", "no_leave"])
    );
    assert_eq!(
        form["properties"]["children"]["items"]["order"],
        json!([
            "given_name",
            "family_name",
            "single_name",
            "tax_code",
            "severely_disabled"
        ])
    );
}
