//! The benefits that the containers open are those that the development system opens.

use std::fs;

use sportello_stack::catalogue;

use crate::shell::{command, ran, root};

#[test]
fn containers_open_benefits_as_the_development_system_does() {
    let folder = tempfile::tempdir().unwrap();
    // a benefit with hours and with a drawing of lots, too
    let (shipped, opened) = (folder.path().join("shipped"), folder.path().join("opened"));
    fs::create_dir_all(&shipped).unwrap();
    let more = root().join("loadtests/tests/loadtests/catalogue");
    for from in [catalogue::shipped(), more] {
        for entry in fs::read_dir(from).unwrap().flatten() {
            fs::copy(entry.path(), shipped.join(entry.file_name())).unwrap();
        }
    }
    catalogue::reopened(&shipped, &opened).unwrap();
    let mut benefits = 0;
    for entry in fs::read_dir(&opened).unwrap().flatten() {
        let mut awk = command(&["awk", "-f", "deploy/compose/open.awk"]);
        let copy = ran(awk.arg(shipped.join(entry.file_name())).current_dir(root()));
        let parsed = |text: &str| toml::from_str::<toml::Table>(text).unwrap();
        let expected = fs::read_to_string(entry.path()).unwrap();
        assert_eq!(parsed(&copy), parsed(&expected), "{}", entry.path().display());
        benefits += 1;
    }
    assert!(benefits >= 3, "{benefits}");
}
