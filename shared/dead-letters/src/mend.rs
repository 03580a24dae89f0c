//! Gives a dead letter a content that can be registered.

use sportello_catalogue::{Catalogue, LiveCatalogue};
use sportello_domain::{
    AccessReason, Answered, Application, ContentDigest, LetterId, Submitter, TaxCode, Text, Violation,
};
use sportello_queue::{Framed, Part, parts};
use sportello_store::{Attempt, LastChange, LetterContent, Mended, Operator, Store, StoreError};

/// The result of a mending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mending {
    /// The letter has the new content, and this version. Its id, sender, receipt and instant stay.
    Made {
        /// The letter's version.
        version: i32,
        /// Digest of the new content.
        digest: ContentDigest,
    },
    /// The new content breaks rules: all of them, with their places.
    Refused(Vec<Violation>),
    /// Nothing was changed: another change came first, or the letter is not open.
    Overtaken(LastChange),
    /// The letter holds no application whose frame can be read: it can be sent again as it is, or
    /// discarded.
    NotMendable,
    /// There is no such letter.
    NotFound,
}

/// Mends letters under the catalogue that is in force.
#[derive(Clone)]
pub struct Mender {
    store: Store,
    catalogue: LiveCatalogue,
}

impl Mender {
    /// Makes one for this register and catalogue.
    #[must_use]
    pub fn new(store: Store, catalogue: LiveCatalogue) -> Self {
        Self { store, catalogue }
    }

    /// Gives a letter a new content, in the version that the operator saw. The content is judged as
    /// intake would have at the instant of its receipt, but for the channel's hours. It is for the
    /// same person. Reading the letter leaves an entry in its holders' journal.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn mend(
        &self,
        id: LetterId,
        version: i32,
        content: &[u8],
        by: &Operator,
        reason: &AccessReason,
    ) -> Result<Mending, StoreError> {
        let Some((_, letter)) = self.store.read_dead_letter(id, by, reason).await? else {
            return Ok(Mending::NotFound);
        };
        let LetterContent::Message(message) = letter else {
            return Ok(Mending::NotMendable);
        };
        let Some(framed) = framed(message) else {
            return Ok(Mending::NotMendable);
        };
        let mended = match judge(&self.catalogue.current(), &framed, content) {
            Ok(Some(mended)) => mended,
            Ok(None) => return Ok(Mending::NotMendable),
            Err(violations) => return Ok(Mending::Refused(violations)),
        };
        let attempt = self.store.mend_dead_letter(id, version, &mended, by, reason);
        Ok(match attempt.await? {
            Attempt::Made(version) => Mending::Made {
                version,
                digest: mended.digest,
            },
            Attempt::Overtaken(last) => Mending::Overtaken(last),
            Attempt::NotFound => Mending::NotFound,
        })
    }
}

/// Returns the one application of a message.
fn framed(message: Vec<u8>) -> Option<Framed> {
    let mut parts = parts(&message.into())?.into_iter();
    match (parts.next()?, parts.next()) {
        (Part::Application(framed, _), None) => Some(framed),
        (Part::Application(..) | Part::Withdrawal(..) | Part::Unreadable(_), _) => None,
    }
}

/// Judges a new content. `None` where the letter's sender can't be read.
fn judge(catalogue: &Catalogue, framed: &Framed, content: &[u8]) -> Result<Option<Mended>, Vec<Violation>> {
    let (application, sent) = Application::parse_sent(content).map_err(|mut violations| {
        let answered = Answered::read(content);
        violations.extend(answered.map_or_else(Vec::new, |answered| catalogue.judge_answers(&answered)));
        violations
    })?;
    let judged = catalogue.validate(&application, framed.received_at);
    let others = [
        application.mandate_violation(framed.channel),
        another_person(framed, &application.applicant.tax_code),
    ];
    let others = others.into_iter().flatten();
    let benefit = match judged {
        Ok(benefit) => {
            let others: Vec<Violation> = others.collect();
            if !others.is_empty() {
                return Err(others);
            }
            benefit
        }
        Err(mut violations) => {
            violations.extend(others);
            return Err(violations);
        }
    };
    let with_content = framed.with_content(sent, benefit.version());
    Ok(with_content.map(|(message, digest)| Mended {
        message,
        digest,
        benefit: application.benefit,
    }))
}

/// Returns the violation of a content for another person than the letter's: its id was made for
/// that one, and so was its receipt.
fn another_person(framed: &Framed, tax_code: &TaxCode) -> Option<Violation> {
    const MESSAGE: Text = Text::fixed(
        "la domanda è di un’altra persona: il codice fiscale non può cambiare",
        "the application is another person's: the tax code can't change",
        "der Antrag ist der einer anderen Person: die Steuernummer kann sich nicht ändern",
    );
    let before = match framed.submitter.as_ref()? {
        Submitter::Citizen(citizen) => Some(citizen.clone()),
        Submitter::Intermediary(_) => applicant(framed.content()),
    };
    let other = before.is_some_and(|before| before != *tax_code);
    other.then(|| Violation::new(["applicant", "tax_code"], "another_person", MESSAGE))
}

/// Reads the applicant of a content that may be wrong in any other way.
fn applicant(content: &[u8]) -> Option<TaxCode> {
    let content: serde_json::Value = serde_json::from_slice(content).ok()?;
    TaxCode::parse(content.pointer("/applicant/tax_code")?.as_str()?).ok()
}
