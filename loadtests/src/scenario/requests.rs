//! Requests prepared before the load begins, in files, complete as sent: signing a citizen's token
//! costs more than sending the request, and real citizens log in before. Files are removed once
//! read.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read as _, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use bytes::Bytes;
use sportello_domain::OrganisationId;
use sportello_people::Person;

use crate::http::http1;
use crate::people::applications::{Applications, BATCHES};
use crate::people::contents::content;
use crate::people::mix::{Flaw, Kind};

/// Requests of a file, about 100 MB.
const TOGETHER: u64 = 50_000;
/// Intermediaries, each with its own name.
const ORGANISATIONS: u64 = 20;
/// No applicant has such a number.
const STRANGERS: u64 = 2 * BATCHES;

/// A request, ready to be sent.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    /// The application's number.
    pub number: u64,
    /// Head and body.
    pub bytes: Bytes,
}

/// Returns the intermediary that sends the application with this number.
///
/// # Errors
/// None in practice: the name is valid.
pub fn organisation(number: u64) -> anyhow::Result<OrganisationId> {
    Ok(OrganisationId::parse(&format!(
        "patronato-{}",
        number % ORGANISATIONS
    ))?)
}

/// Returns a person unrelated to the application with this number.
#[must_use]
pub fn stranger(applications: &Applications, number: u64) -> Person {
    applications.person(STRANGERS + number)
}

/// Makes requests for one address.
pub struct Writer<'a> {
    applications: &'a Applications,
    /// `host:port`.
    host: &'a str,
    tokens: Vec<String>,
}

impl<'a> Writer<'a> {
    /// Makes a writer of requests for these applications to this address.
    ///
    /// # Errors
    /// A token can't be signed.
    pub fn new(applications: &'a Applications, host: &'a str) -> anyhow::Result<Self> {
        let token = |number| anyhow::Ok(applications.mint().organisation_token(&organisation(number)?)?);
        Ok(Self {
            applications,
            host,
            tokens: (0..ORGANISATIONS).map(token).collect::<Result<_, _>>()?,
        })
    }

    /// Makes the request of the application with this number.
    ///
    /// # Errors
    /// Its token can't be signed.
    pub fn request(&self, number: u64) -> anyhow::Result<Request> {
        let kind = self.applications.kind(number);
        let key = self.applications.key(number);
        let body = self.body(number, kind, &key);
        let token = self.token(number, kind)?.map(|token| format!("Bearer {token}"));
        let mut headers = vec![("Content-Type", "application/json"), ("Idempotency-Key", &key)];
        headers.extend(token.as_deref().map(|token| ("Authorization", token)));
        let bytes = http1::request("POST", self.host, "/v1/applications", &headers, body.as_bytes());
        Ok(Request { number, bytes })
    }

    fn body(&self, number: u64, kind: Kind, key: &str) -> String {
        // a duplicate has the content of the first application
        let like = match kind {
            Kind::Duplicate { of } => of,
            Kind::Citizen | Kind::Intermediary | Kind::Invalid(_) => number,
        };
        let mut content = content(&self.applications.person(number), like, key);
        match kind {
            Kind::Intermediary => content["mandate"] = format!("LOAD/{number}").into(),
            Kind::Invalid(Flaw::Account) => {
                content["applicant"]["iban"] = "IT00X0542811101000000123456".into();
            }
            Kind::Citizen | Kind::Duplicate { .. } | Kind::Invalid(_) => {}
        }
        let mut body = content.to_string();
        if kind == Kind::Invalid(Flaw::Cut) {
            body.truncate(body.len() / 2);
        }
        body
    }

    fn token(&self, number: u64, kind: Kind) -> anyhow::Result<Option<String>> {
        let person = match kind {
            Kind::Intermediary => {
                let index = usize::try_from(number % ORGANISATIONS)?;
                return Ok(self.tokens.get(index).cloned());
            }
            Kind::Invalid(Flaw::Anonymous) => return Ok(None),
            Kind::Invalid(Flaw::SomebodyElses) => stranger(self.applications, number),
            Kind::Citizen | Kind::Duplicate { .. } | Kind::Invalid(_) => self.applications.person(number),
        };
        Ok(Some(self.applications.mint().token(&person)?))
    }

    /// Writes the requests of every `of`th number of the range, from its `thread`th on, and syncs
    /// them to the disk, so that nothing is left to write when the load begins. Calls `made` after
    /// every thousand; it may stop the work.
    ///
    /// # Errors
    /// A file can't be written, or a token can't be signed.
    pub fn write(
        &self,
        numbers: Range<u64>,
        (thread, of): (usize, usize),
        folder: &Path,
        made: impl Fn(u64) -> anyhow::Result<()>,
    ) -> anyhow::Result<Requests> {
        let mut files = Vec::new();
        let mut open: Option<BufWriter<File>> = None;
        for (count, number) in (0_u64..).zip(numbers.skip(thread).step_by(of)) {
            if count.is_multiple_of(TOGETHER) {
                synced(open.take())?;
                let path = folder.join(format!("requests-{thread}-{}", files.len()));
                open = Some(BufWriter::new(
                    File::create(&path).with_context(|| format!("{}", path.display()))?,
                ));
                files.push(path);
            }
            let request = self.request(number)?;
            if let Some(file) = &mut open {
                file.write_all(&request.number.to_le_bytes())?;
                file.write_all(&u32::try_from(request.bytes.len())?.to_le_bytes())?;
                file.write_all(&request.bytes)?;
            }
            if count % 1_000 == 999 {
                made(1_000)?;
            }
        }
        synced(open)?;
        files.reverse();
        Ok(Requests { files, open: None })
    }
}

fn synced(file: Option<BufWriter<File>>) -> io::Result<()> {
    let Some(file) = file else { return Ok(()) };
    file.into_inner()
        .map_err(io::IntoInnerError::into_error)?
        .sync_data()
}

/// Requests, read from their files in the order of writing.
pub struct Requests {
    /// The files, the next one last.
    files: Vec<PathBuf>,
    open: Option<BufReader<File>>,
}

impl Requests {
    fn read(&mut self) -> io::Result<Option<Request>> {
        loop {
            if let Some(file) = &mut self.open {
                if let Some(request) = read_one(file)? {
                    return Ok(Some(request));
                }
                self.open = None;
            }
            let Some(path) = self.files.pop() else {
                return Ok(None);
            };
            self.open = Some(BufReader::with_capacity(256 * 1_024, File::open(&path)?));
            // an open file stays readable after its removal
            fs::remove_file(path)?;
        }
    }
}

impl Iterator for Requests {
    type Item = io::Result<Request>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

impl Drop for Requests {
    fn drop(&mut self) {
        for path in &self.files {
            // their folder is removed anyway
            let _ = fs::remove_file(path);
        }
    }
}

fn read_one(file: &mut BufReader<File>) -> io::Result<Option<Request>> {
    let (mut number, mut length) = ([0; 8], [0; 4]);
    match file.read_exact(&mut number) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    file.read_exact(&mut length)?;
    let mut bytes = vec![0; usize::try_from(u32::from_le_bytes(length)).unwrap_or_default()];
    file.read_exact(&mut bytes)?;
    Ok(Some(Request {
        number: u64::from_le_bytes(number),
        bytes: bytes.into(),
    }))
}

#[cfg(test)]
mod tests {
    use sportello_domain::Application;
    use sportello_people::Mint;

    use super::*;
    use crate::people::mix::Mix;

    const MIX: Mix = Mix {
        intermediaries: 20,
        duplicates: 5,
        invalid: 10,
        repeated: 0,
    };

    fn applications(folder: &tempfile::TempDir) -> Applications {
        Applications::new(7, Mint::open(folder.path()).unwrap()).mixed(MIX)
    }

    #[test]
    fn each_thread_reads_back_its_own_in_order_and_no_file_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let files = tempfile::tempdir().unwrap();
        let applications = applications(&folder);
        let writer = Writer::new(&applications, "h:1").unwrap();
        for thread in 0..2_u64 {
            let share = (usize::try_from(thread).unwrap(), 2);
            let requests = writer.write(10..21, share, files.path(), |_| Ok(())).unwrap();
            let read: Vec<u64> = requests.map(|request| request.unwrap().number).collect();
            assert_eq!(read, (10 + thread..21).step_by(2).collect::<Vec<_>>());
        }
        assert_eq!(fs::read_dir(files.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_is_valid_is_and_what_is_not_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let applications = applications(&folder);
        let writer = Writer::new(&applications, "h:1").unwrap();
        for number in 0..400 {
            let kind = applications.kind(number);
            let request = String::from_utf8(writer.request(number).unwrap().bytes.to_vec()).unwrap();
            let (head, body) = request.split_once("\r\n\r\n").unwrap();
            assert!(head.contains(&format!("Content-Length: {}", body.len())));
            let has_token = head.contains("Authorization: Bearer ");
            let application = Application::parse(body.as_bytes());
            match kind {
                Kind::Invalid(Flaw::Cut | Flaw::Account) => assert!(application.is_err() && has_token),
                Kind::Invalid(Flaw::Anonymous) => assert!(!has_token),
                Kind::Citizen
                | Kind::Intermediary
                | Kind::Duplicate { .. }
                | Kind::Invalid(Flaw::SomebodyElses) => {
                    let person = applications.person(number);
                    assert_eq!(application.unwrap().applicant.tax_code, person.tax_code);
                    assert!(has_token);
                }
            }
        }
    }
}
