//! `publiccode.yml` keeps the rules of the standard's version 0.7, as the official parser checks
//! them. The parser itself can't be had from a package registry.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// All keys of the first level.
const KEYS: [&str; 25] = [
    "publiccodeYmlVersion",
    "name",
    "applicationSuite",
    "url",
    "landingURL",
    "isBasedOn",
    "softwareVersion",
    "releaseDate",
    "logo",
    "organisation",
    "inputTypes",
    "outputTypes",
    "platforms",
    "categories",
    "usedBy",
    "fundedBy",
    "roadmap",
    "developmentStatus",
    "softwareType",
    "intendedAudience",
    "description",
    "legal",
    "maintenance",
    "localisation",
    "dependsOn",
];
/// The Italian section; `it` is the old way of writing it.
const ITALIAN: &str = "IT";
const STATUSES: [&str; 5] = ["concept", "development", "beta", "stable", "obsolete"];
const TYPES: [&str; 9] = [
    "standalone/mobile",
    "standalone/iot",
    "standalone/desktop",
    "standalone/web",
    "standalone/backend",
    "standalone/other",
    "addon",
    "library",
    "configurationFiles",
];
/// Words of the standard's list that fit this software.
const CATEGORIES: [&str; 6] = [
    "business-process-management",
    "data-collection",
    "digital-citizenship",
    "document-management",
    "grant-management",
    "workflow-management",
];
const SCOPES: [&str; 5] = [
    "employment",
    "government",
    "local-authorities",
    "society",
    "welfare",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn committed() -> Value {
    serde_saphyr::from_str(&fs::read_to_string(root().join("publiccode.yml")).unwrap()).unwrap()
}

fn texts(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty())
}

fn is_one_of(value: &Value, words: &[&str]) -> bool {
    value.as_str().is_some_and(|text| words.contains(&text))
}

/// Whether there are some, and all are among these words.
fn are_of(value: &Value, words: &[&str]) -> bool {
    value.is_null() || !texts(value).is_empty() && texts(value).iter().all(|one| words.contains(one))
}

fn is_web(value: &Value) -> bool {
    value.as_str().is_some_and(|text| {
        let rest = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"));
        rest.is_some_and(|rest| rest.contains('.') && !rest.contains(' '))
    })
}

/// A language as BCP 47 writes it: `it`, `en-GB`.
fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let primary = parts.next().unwrap_or_default();
    let is_primary =
        (2..=3).contains(&primary.len()) && primary.bytes().all(|byte| byte.is_ascii_lowercase());
    is_primary
        && parts.all(|part| {
            (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

/// `2026-11-30`.
fn is_date(value: &Value) -> bool {
    value.as_str().is_some_and(|text| {
        let parts: Vec<&str> = text.split('-').collect();
        let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        lengths == [4, 2, 2]
            && parts
                .iter()
                .all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

/// Counts characters, of which no text has fewer than it has grapheme clusters: the shortest length
/// is far enough below ours that it does not matter.
fn length(value: &Value) -> usize {
    value.as_str().map_or(0, |text| text.chars().count())
}

/// What the rules say against a document.
fn violations(document: &Value) -> BTreeSet<&'static str> {
    let mut against = BTreeSet::new();
    let mut must = |holds: bool, what| {
        if !holds {
            against.insert(what);
        }
    };
    let map = document.as_object().unwrap();
    let is_known = |key: &String| KEYS.contains(&key.as_str()) || key == ITALIAN;
    must(map.keys().all(is_known), "unknown key");
    must(document["publiccodeYmlVersion"] == "0.7", "version");
    must(is_text(&document["name"]), "name");
    must(is_web(&document["url"]), "url");
    for optional in ["landingURL", "roadmap"] {
        must(
            document[optional].is_null() || is_web(&document[optional]),
            "address",
        );
    }
    must(
        document["releaseDate"].is_null() || is_date(&document["releaseDate"]),
        "releaseDate",
    );
    must(!texts(&document["platforms"]).is_empty(), "platforms");
    must(
        is_one_of(&document["developmentStatus"], &STATUSES),
        "developmentStatus",
    );
    must(is_one_of(&document["softwareType"], &TYPES), "softwareType");
    must(are_of(&document["categories"], &CATEGORIES), "categories");
    must(are_of(&document["intendedAudience"]["scope"], &SCOPES), "scope");
    let countries = texts(&document["intendedAudience"]["countries"]);
    must(countries.iter().all(|code| code.len() == 2), "countries");
    must(organisation(&document["organisation"]), "organisation");
    let logo = document["logo"].as_str();
    must(logo.is_none_or(|logo| root().join(logo).is_file()), "logo");
    against.extend(description(&document["description"]));
    against.extend(people(document));
    against
}

/// An Italian body is named by its code in the index of public administrations.
fn organisation(value: &Value) -> bool {
    let uri = value["uri"].as_str();
    let good = |uri: &str| uri.starts_with("urn:x-italian-pa:") || is_web(&uri.into());
    value.is_null() || is_text(&value["name"]) && uri.is_none_or(good)
}

fn description(value: &Value) -> BTreeSet<&'static str> {
    let mut against = BTreeSet::new();
    let languages = value.as_object().into_iter().flatten();
    if languages.clone().count() == 0 {
        against.insert("description");
    }
    for (language, text) in languages {
        let rules = [
            (is_language(language), "language"),
            (length(&text["genericName"]) <= 35, "genericName"),
            (
                (1..=150).contains(&length(&text["shortDescription"])),
                "shortDescription",
            ),
            (
                (150..=10_000).contains(&length(&text["longDescription"])),
                "longDescription",
            ),
            (!texts(&text["features"]).is_empty(), "features"),
        ];
        against.extend(
            rules
                .into_iter()
                .filter(|(holds, _)| !holds)
                .map(|(_, what)| what),
        );
        let pictures = texts(&text["screenshots"]);
        if !pictures.iter().all(|picture| root().join(picture).is_file()) {
            against.insert("screenshots");
        }
    }
    against
}

/// Licence, maintenance and languages.
fn people(document: &Value) -> BTreeSet<&'static str> {
    let licence = document["legal"]["license"].as_str().unwrap_or("?");
    let maintenance = &document["maintenance"];
    let kind = maintenance["type"].as_str().unwrap_or("?");
    let list = |name: &str| maintenance[name].as_array().cloned().unwrap_or_default();
    let (contacts, contractors) = (list("contacts"), list("contractors"));
    let named = |people: &[Value]| !people.is_empty() && people.iter().all(|one| is_text(&one["name"]));
    let until = contractors.iter().all(|one| is_date(&one["until"]));
    let localisation = &document["localisation"];
    let languages = texts(&localisation["availableLanguages"]);
    let rules = [
        (spdx::Expression::parse(licence).is_ok(), "license"),
        (
            ["internal", "contract", "community", "none"].contains(&kind),
            "maintenance",
        ),
        (
            !["internal", "community"].contains(&kind) || named(&contacts),
            "contacts",
        ),
        (
            (kind == "contract") == named(&contractors) && until,
            "contractors",
        ),
        (
            localisation["localisationReady"].is_boolean(),
            "localisationReady",
        ),
        (
            !languages.is_empty() && languages.iter().all(|one| is_language(one)),
            "availableLanguages",
        ),
        (dependencies(&document["dependsOn"]), "dependsOn"),
        (italian(&document[ITALIAN]), "IT"),
    ];
    rules
        .into_iter()
        .filter(|(holds, _)| !holds)
        .map(|(_, what)| what)
        .collect()
}

fn dependencies(value: &Value) -> bool {
    let kinds = value.as_object().into_iter().flatten();
    let mut kinds = kinds.map(|(kind, list)| {
        let known = ["open", "proprietary", "hardware"].contains(&kind.as_str());
        known
            && list
                .as_array()
                .is_some_and(|list| list.iter().all(|one| is_text(&one["name"])))
    });
    kinds.all(|good| good)
}

fn italian(value: &Value) -> bool {
    let platforms = value["piattaforme"].as_object().into_iter().flatten();
    let mut platforms = platforms.map(|(name, used)| {
        ["spid", "cie", "anpr", "pagopa", "io"].contains(&name.as_str()) && used.is_boolean()
    });
    value.is_null()
        || is_one_of(&value["countryExtensionVersion"], &["0.2", "1.0"]) && platforms.all(|good| good)
}

#[test]
fn publiccode_keeps_the_rules_of_the_standard() {
    assert_eq!(violations(&committed()), BTreeSet::new());
}

#[test]
fn publiccode_names_this_version_and_this_licence() {
    let document = committed();
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let version = document["softwareVersion"].as_str().unwrap();
    assert!(manifest.contains(&format!("version = \"{version}\"")));
    let licence = document["legal"]["license"].as_str().unwrap();
    assert!(manifest.contains(&format!("license = \"{licence}\"")));
}

#[test]
fn each_break_of_a_publiccode_rule_is_seen() {
    let long = "x".repeat(151);
    let contractor = json!([{ "name": "A firm", "until": "2027" }]);
    let breaks = [
        ("/publiccodeYmlVersion", json!("0.1"), "version"),
        ("/name", json!(""), "name"),
        ("/url", json!("sportello"), "url"),
        ("/url", Value::Null, "url"),
        ("/landingUrl", json!("https://example.org"), "unknown key"),
        ("/landingURL", json!("example"), "address"),
        ("/it", json!({}), "unknown key"),
        ("/platforms", json!([]), "platforms"),
        ("/categories", json!(["benefits"]), "categories"),
        ("/developmentStatus", json!("alpha"), "developmentStatus"),
        ("/softwareType", json!("standalone"), "softwareType"),
        ("/releaseDate", json!("30.11.2026"), "releaseDate"),
        ("/logo", json!("no-such-file.svg"), "logo"),
        (
            "/organisation",
            json!({ "name": "Ente", "uri": "ente" }),
            "organisation",
        ),
        ("/intendedAudience/countries", json!(["ita"]), "countries"),
        ("/description", json!({}), "description"),
        (
            "/description/en/shortDescription",
            json!(long),
            "shortDescription",
        ),
        (
            "/description/en/longDescription",
            json!("too short"),
            "longDescription",
        ),
        ("/description/it/features", json!([]), "features"),
        ("/description/it/genericName", json!(long), "genericName"),
        ("/description/English", json!({}), "language"),
        ("/description/en/screenshots", json!(["none.png"]), "screenshots"),
        ("/legal/license", json!("EUPL"), "license"),
        ("/maintenance/type", json!("volunteers"), "maintenance"),
        ("/maintenance/contacts", json!([]), "contacts"),
        ("/maintenance/contractors", contractor, "contractors"),
        (
            "/localisation/localisationReady",
            json!("yes"),
            "localisationReady",
        ),
        (
            "/localisation/availableLanguages",
            json!([]),
            "availableLanguages",
        ),
        ("/dependsOn/open/0/name", Value::Null, "dependsOn"),
        ("/IT/countryExtensionVersion", json!("2.0"), "IT"),
    ];
    for (pointer, value, rule) in breaks {
        let mut document = committed();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        document.pointer_mut(parent).unwrap()[name] = value;
        assert!(violations(&document).contains(rule), "{pointer}: {rule}");
    }
}
