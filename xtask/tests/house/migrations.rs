//! After the first release a migration takes nothing away from the programs of the release before:
//! an update goes process by process, and may go back.

use std::fs;
use std::path::Path;

/// The migrations before the first release: no program of a release knows an earlier schema.
const BEFORE_FIRST_RELEASE: u32 = 43;
/// Begins a comment in a statement that looks as if it took something away, and does not, or takes
/// away what no program of the release before uses.
const REASON: &str = "-- beside the version before:";
const SHORTEST_REASON: usize = 20;

/// Words that take something away, or ask more of an older program, wherever they stand.
const CONTRACTS: [&str; 7] = [
    " rename ",
    " set not null",
    " drop default",
    " add constraint ",
    " add check ",
    " create unique index ",
    " revoke ",
];
/// What may be dropped: a looser rule is no loss.
const LOOSENS: [&str; 2] = ["constraint ", "not null"];

/// Number, name and text of each migration.
fn migrations() -> Vec<(u32, String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/store/migrations");
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let number = name.split('_').next().unwrap().parse().unwrap();
        found.push((number, name, fs::read_to_string(entry.path()).unwrap()));
    }
    found.sort();
    found
}

/// The statements of a migration with their comments. What a function holds is one statement.
fn statements(text: &str) -> Vec<String> {
    let mut statements = vec![String::new()];
    let mut is_body = false;
    for line in text.lines() {
        let code = line.split("--").next().unwrap();
        is_body ^= code.matches("$$").count() % 2 == 1;
        let last = statements.last_mut().unwrap();
        last.push_str(line);
        last.push('\n');
        if !is_body && code.trim_end().ends_with(';') {
            statements.push(String::new());
        }
    }
    statements
}

/// The code of a statement alone: one space between words, small letters.
fn code(statement: &str) -> String {
    let lines = statement.lines().map(|line| line.split("--").next().unwrap());
    let words = lines.flat_map(str::split_whitespace).map(str::to_lowercase);
    format!(" {} ", words.collect::<Vec<_>>().join(" "))
}

/// Whether an older program may miss something, or be refused, after this statement.
fn contracts(statement: &str) -> bool {
    let code = code(statement);
    let drops = code.split(" drop ").skip(1);
    let takes = drops
        .into_iter()
        .any(|what| !LOOSENS.iter().any(|loose| what.starts_with(loose)));
    let retypes = code.contains(" alter column ") && code.contains(" type ");
    let added = code.split(" add column ").skip(1);
    let demands = added
        .map(|column| column.split(", ").next().unwrap())
        .any(|column| column.contains(" not null") && !column.contains(" default "));
    let is_new = [
        " create table ",
        " create function ",
        " create or replace function ",
    ];
    let is_new = is_new.iter().any(|begin| code.starts_with(begin));
    !is_new && (takes || retypes || demands || CONTRACTS.iter().any(|words| code.contains(words)))
}

fn has_reason(statement: &str) -> bool {
    let reasons = statement
        .lines()
        .filter_map(|line| line.trim().strip_prefix(REASON));
    let mut long = reasons.filter(|reason| reason.trim().len() >= SHORTEST_REASON);
    long.next().is_some()
}

#[test]
fn migrations_after_the_first_release_only_expand() {
    let mut contractions = Vec::new();
    for (number, name, text) in migrations() {
        if number <= BEFORE_FIRST_RELEASE {
            continue;
        }
        for statement in statements(&text) {
            if contracts(&statement) && !has_reason(&statement) {
                contractions.push(format!("{name}: {}", code(&statement).trim()));
            }
        }
    }
    assert_eq!(
        contractions, [""; 0],
        "an older program may need it: see CONTRIBUTING.md, or say why none does (`{REASON} …`)"
    );
}

#[test]
fn what_takes_something_away_is_distinguished_from_what_adds() {
    for contraction in [
        "alter table a add column b text,\n    drop column c;",
        "alter table a drop c;",
        "drop index a;",
        "alter table a rename column b to c;",
        "alter table a alter column b set not null;",
        "alter table a alter column b type bigint;",
        "alter table a add column b text, add column c text not null;",
        "alter table a add constraint b check (c > 0);",
        "create unique index a on b (c);",
        "revoke select on a from b;",
    ] {
        assert!(contracts(contraction), "{contraction}");
    }
    for expansion in [
        "create table a (b text not null, constraint c check (b <> ''));",
        "alter table a add column b boolean not null default false;",
        "alter table a add column b text;",
        "alter table a drop constraint b;",
        "alter table a alter column b drop not null;",
        "create index a on b (c); -- drop column",
        "grant select on a to b;",
        "create function drop_a() returns trigger language plpgsql as $$\nbegin\n    drop table a;\nend\n$$;",
    ] {
        assert_eq!(statements(expansion).len(), 2, "{expansion}");
        assert!(!contracts(expansion), "{expansion}");
    }
    let told =
        "-- beside the version before: no release has read this column\nalter table a drop column b;\n";
    assert!(has_reason(told) && !has_reason("-- beside the version before: so\ndrop table a;\n"));
    let before = migrations()
        .into_iter()
        .filter(|(number, ..)| *number <= BEFORE_FIRST_RELEASE);
    let contracting: Vec<u32> = before
        .filter(|(.., text)| statements(text).iter().any(|statement| contracts(statement)))
        .map(|(number, ..)| number)
        .collect();
    assert!(
        contracting.contains(&7) && contracting.contains(&8),
        "{contracting:?}"
    );
    assert!(
        !contracting.contains(&10) && !contracting.contains(&43),
        "{contracting:?}"
    );
}
