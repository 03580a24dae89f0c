//! Contents of letters, for an operator who says why.

use std::fmt;

use sportello_domain::{AccessReason, LetterId};

use super::letter::Operator;
use crate::connection::{Store, within_deadline};
use crate::error::StoreError;

/// What a letter holds. Personal data.
#[derive(Clone, PartialEq, Eq)]
pub enum LetterContent {
    /// The envelope, byte for byte; after a mending, with the mended content.
    Message(Vec<u8>),
    /// The content of a conflict, as JSON in the form of an application that is sent.
    Conflict(String),
    /// It has none any more: it is on the register, or in the letter that it came back as.
    Gone,
}

/// Shows sizes alone.
impl fmt::Debug for LetterContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(message) => write!(f, "Message({} bytes)", message.len()),
            Self::Conflict(content) => write!(f, "Conflict({} bytes)", content.len()),
            Self::Gone => f.write_str("Gone"),
        }
    }
}

impl Store {
    /// Returns a letter's version and content. The database function that reads also writes the
    /// entry into the letter's history, and into the journal of the application's holders.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn read_dead_letter(
        &self,
        id: LetterId,
        by: &Operator,
        reason: &AccessReason,
    ) -> Result<Option<(i32, LetterContent)>, StoreError> {
        let row = within_deadline(async {
            let row = sqlx::query!(
                r#"
                select its_version as "version!", its_body as "message?", its_content as "conflict?"
                from read_dead_letter($1, $2, $3, $4)
                "#,
                id.as_uuid(),
                by.issuer,
                by.subject,
                reason.as_str(),
            );
            Ok(row.fetch_optional(&mut *self.connection().await?).await?)
        })
        .await?;
        Ok(row.map(|row| {
            let content = match (row.message, row.conflict) {
                (Some(message), _) => LetterContent::Message(message),
                (None, Some(conflict)) => LetterContent::Conflict(conflict),
                (None, None) => LetterContent::Gone,
            };
            (row.version, content)
        }))
    }
}
