//! The benefits' files while the system runs: every benefit closed in a way of its own, and opened
//! again.

use std::fs;
use std::path::PathBuf;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use sportello_catalogue::Catalogue;
use sportello_domain::CatalogueVersion;

const INDEMNITY: &str = "indemnity-march-2020";
const BONUS: &str = "baby-sitting-bonus-2020";
const LEAVE: &str = "parental-leave-2020";
/// As development and tests have it.
const OPENS: &str = "opens = 2020-01-01T00:00:00+01:00";
const CLOSES: &str = "closes = 2100-01-01T00:00:00+01:00";

/// The files of a running system.
pub(crate) struct Benefits(PathBuf);

/// All benefits are closed.
pub(crate) struct Closed {
    /// The files as they were.
    before: Vec<(&'static str, String)>,
    /// The versions of those that close them.
    pub(crate) versions: Vec<String>,
}

impl Benefits {
    pub(crate) fn of(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// Makes the budgets of the bonus so small that some applications are refused and others
    /// received with reservation.
    pub(crate) fn make_poor(&self) {
        self.change(BONUS, |text| {
            let text = replaced(&text, "cap = 1_261_100_000", "cap = 60_000");
            let text = replaced(&text, r#"past_cap = "reserve""#, r#"past_cap = "refuse""#);
            replaced(&text, "cap = 30_000_000", "cap = 30_000")
        });
    }

    /// Closes all, as if all had been closed today: one is past its closing, one before its
    /// opening, one outside its hours.
    pub(crate) fn close(&self) -> Closed {
        let all = [INDEMNITY, BONUS, LEAVE];
        let before = all.map(|benefit| (benefit, self.read(benefit)));
        self.change(INDEMNITY, |text| {
            let yesterday = Timestamp::now() - 24.hours();
            let yesterday = yesterday.strftime("%Y-%m-%dT%H:%M:%SZ");
            replaced(&text, CLOSES, &format!("closes = {yesterday}"))
        });
        self.change(BONUS, |text| {
            replaced(&text, OPENS, "opens = 2099-01-01T00:00:00+01:00")
        });
        self.change(LEAVE, |text| text + &hours_of_another_time());
        let version = |benefit| CatalogueVersion::of(self.read(benefit).as_bytes()).to_string();
        Closed {
            before: before.to_vec(),
            versions: all.map(version).to_vec(),
        }
    }

    /// Opens all again. A file that is the one of before, to the comma, would not move budgets for
    /// an hour.
    pub(crate) fn open(&self, closed: Closed) {
        for (benefit, text) in closed.before {
            self.change(benefit, |_| text + "\n# opened again\n");
        }
    }

    fn change(&self, benefit: &str, change: impl FnOnce(String) -> String) {
        let text = change(self.read(benefit));
        // in one step, since services read the folder
        let draft = self.0.join("draft");
        fs::write(&draft, text).expect("a draft");
        fs::rename(&draft, self.file(benefit)).expect("the file");
        if let Err(mistakes) = Catalogue::load(&self.0) {
            panic!("{mistakes}");
        }
    }

    fn read(&self, benefit: &str) -> String {
        fs::read_to_string(self.file(benefit)).expect("the benefit's file")
    }

    fn file(&self, benefit: &str) -> PathBuf {
        self.0.join(benefit).with_added_extension("toml")
    }
}

fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "the benefit's file has no longer {from}");
    text.replacen(from, to, 1)
}

/// Some hours of the day that are not these.
fn hours_of_another_time() -> String {
    let rome = TimeZone::get("Europe/Rome").expect("a time zone");
    let from = Timestamp::now().to_zoned(rome) + 6.hours();
    let to = &from + 2.hours();
    let window = format!("{:02}:00-{:02}:00", from.hour(), to.hour());
    format!("\n[windows]\ncitizen = [\"{window}\"]\nintermediary = [\"{window}\"]\n")
}
