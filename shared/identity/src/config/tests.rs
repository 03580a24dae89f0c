use insta::assert_snapshot;

use super::*;

fn problems(text: &str) -> Vec<String> {
    match Config::parse(text, Path::new("/etc/sportello")) {
        Err(ConfigError::Invalid(Problems(problems))) => problems,
        other => panic!("{other:?}"),
    }
}

fn with(setting: &str) -> String {
    format!("[[issuers]]\nissuer = 'x'\naudience = 'y'\nalgorithms = ['ES256']\n{setting}")
}

#[test]
fn the_example_is_good() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("identity.example.toml");
    let config = Config::load(&path).unwrap();
    assert_eq!(config.issuers.len(), 2);
    let KeySource::File(file) = &config.issuers[1].keys else {
        panic!("a file")
    };
    assert_eq!(*file, path.parent().unwrap().join("keys/partner.jwks.json"));
}

#[test]
fn every_problem_is_reported_at_once() {
    let text = "[[issuers]]\nalgorithms = ['none', 'HS256', 'ES256']\nminimum_acr = 'gold'\nmay = ['citizen']\n\
                [[issuers]]\nissuer = 'x'\naudience = 'y'\njwks_url = 'ftp://x'\n\
                may = ['citizen']\nkeys_good_for_hours = 0\n\
                [[issuers]]\nissuer = 'x'\naudience = 'y'\njwks_url = 'https://x'\njwks_file = 'x'\n\
                algorithms = ['RS256']\n\
                may = ['citizen']\nclaims.tax_code = []";
    assert_snapshot!([problems(text), problems("")].concat().join("\n"));
}

#[test]
fn several_issuers_say_whom_they_speak_for() {
    let issuer = |name: &str, more: &str| {
        format!(
            "[[issuers]]\nissuer = '{name}'\naudience = 'y'\njwks_file = 'z'\nalgorithms = ['ES256']\n{more}\n"
        )
    };
    let text = [
        issuer("1", "may = ['operator', 'citizens']"),
        issuer("2", ""),
        issuer("3", "may = ['intermediary']"),
        issuer("4", "may = ['citizen']\norganisations = 'all'"),
        issuer(
            "5",
            "may = ['intermediary', 'operator']\norganisations = ['CAF 1']",
        ),
        issuer("6", "may = []"),
        issuer("7", "may = ['intermediary']\norganisations = []"),
    ];
    assert_snapshot!(problems(&text.concat()).join("\n"));
    let good = [
        issuer("1", "may = ['citizen', 'operator']"),
        issuer("2", "may = ['intermediary']\norganisations = ['caf-borea']"),
        issuer("3", "may = ['citizen', 'intermediary']\norganisations = 'all'"),
    ];
    Config::parse(&good.concat(), Path::new("")).unwrap();
    Config::parse(&issuer("alone", ""), Path::new("")).unwrap();
}

#[test]
fn plain_http_is_for_this_machine_or_by_consent() {
    for good in [
        "https://id.example/k",
        "http://127.0.0.1:1/k",
        "http://[::1]/k",
        "http://localhost/k",
    ] {
        Config::parse(&with(&format!("jwks_url = '{good}'")), Path::new("")).unwrap();
    }
    let plain = "jwks_url = 'http://id.example/k'";
    assert!(problems(&with(plain))[0].contains("plain http"));
    Config::parse(&with(&format!("{plain}\nallow_plain_http = true")), Path::new("")).unwrap();
    assert!(problems(&with("jwks_url = 'https://me:secret@id.example'"))[0].contains("password"));
}

#[test]
fn a_level_is_enough_from_the_minimum_on() {
    let levels = [
        vec!["1".to_owned()],
        vec!["2".to_owned(), "two".to_owned()],
        vec!["3".to_owned()],
    ];
    let policy = AcrPolicy::new(&levels, "two").unwrap();
    let enough: Vec<_> = ["1", "2", "two", "3", "4", ""]
        .into_iter()
        .filter(|acr| policy.is_enough(acr))
        .collect();
    assert_eq!(enough, ["2", "two", "3"]);
}

#[test]
fn unknown_settings_are_refused() {
    let error = Config::parse(&with("jwks_uri = 'https://x'"), Path::new("")).unwrap_err();
    assert!(error.to_string().contains("jwks_uri"), "{error}");
}
