//! Letters that were sent again and are settled.

use sportello_domain::LetterId;
use uuid::Uuid;

use crate::connection::{Store, within_deadline};
use crate::error::StoreError;

impl Store {
    /// Records that everything in these letters is settled, and removes their contents, which are
    /// on the register. To be called before the message is acknowledged. A mended content that is
    /// on the register has an entry in the application's history. Letters that are settled already,
    /// or came back, stay as they are.
    ///
    /// # Errors
    /// [`StoreError::Retry`] while the database is away.
    pub async fn settle_dead_letters(&self, letters: &[LetterId]) -> Result<(), StoreError> {
        if letters.is_empty() {
            return Ok(());
        }
        let ids: Vec<Uuid> = letters.iter().map(|id| Uuid::from(*id)).collect();
        within_deadline(async {
            sqlx::query!(
                "
                with settled as (
                    update dead_letters set
                        state = 'settled', body = null, author_issuer = null, author = null, note = null
                    where id in (
                        select id from dead_letters
                        where id = any($1) and state in ('open', 'requeue_asked', 'sent') order by id for update
                    )
                    returning application_id, mended_digest
                )
                insert into application_history (application_id, event, detail)
                select distinct settled.application_id, 'mended', '{}'::jsonb
                from settled join applications
                    on applications.id = settled.application_id and content_digest = mended_digest
                ",
                &ids,
            )
            .execute(&mut *self.connection().await?)
            .await?;
            Ok(())
        })
        .await
    }
}
