//! The content of the benefits database, read as an auditor would: by separate queries, not through
//! the audited code.

use std::time::Duration;

use futures_util::Stream;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, PgConnection};
use uuid::Uuid;

/// One registered application.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Row {
    /// Its id.
    pub id: Uuid,
    /// The year of its protocol number.
    pub protocol_year: i16,
    /// Its protocol number.
    pub protocol_number: i64,
    /// The applicant's tax code.
    pub tax_code: String,
    /// Its idempotency key, with which its e-mail address begins.
    pub reference: Option<String>,
    /// Its receipt, in milliseconds since 1970.
    pub received_ms: i64,
    /// Number of registrations in its history.
    pub registrations: i64,
}

/// Opens the auditor's own connection.
///
/// # Errors
/// The database can't be reached.
pub async fn connect(url: &str) -> sqlx::Result<PgConnection> {
    let options: PgConnectOptions = url.parse()?;
    options
        .application_name("loadtests")
        .disable_statement_logging()
        .connect()
        .await
}

/// Counts the registered applications.
///
/// # Errors
/// The query fails.
pub async fn count(database: &mut PgConnection) -> sqlx::Result<u64> {
    let count: i64 = sqlx::query_scalar("select count(*) from applications")
        .fetch_one(database)
        .await?;
    Ok(count.unsigned_abs())
}

/// Returns whether this application is registered.
///
/// # Errors
/// The query fails.
pub async fn has(database: &mut PgConnection, id: Uuid) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from applications where id = $1)")
        .bind(id)
        .fetch_one(database)
        .await
}

/// Returns the dead letters in the table: the message of each, as text, and the reason in words.
///
/// # Errors
/// The query fails.
pub async fn dead_letters(database: &mut PgConnection) -> sqlx::Result<Vec<(String, String)>> {
    let letters: Vec<(Vec<u8>, String)> =
        sqlx::query_as("select body, detail from dead_letters where body is not null")
            .fetch_all(database)
            .await?;
    let letters = letters.into_iter();
    Ok(letters
        .map(|(body, detail)| (String::from_utf8_lossy(&body).into_owned(), detail))
        .collect())
}

/// Discards the open dead letters, as an operator would who has looked at them, and returns them.
///
/// # Errors
/// The query fails.
pub async fn take_dead_letters(database: &mut PgConnection) -> sqlx::Result<Vec<(String, String)>> {
    let letters: Vec<(Vec<u8>, String)> = sqlx::query_as(
        "update dead_letters set
             state = 'discarded', author_issuer = 'loadtests', author = 'loadtests', note = 'looked at by a test'
         where state = 'open' and source <> 'conflict' returning body, detail",
    )
    .fetch_all(database)
    .await?;
    let letters = letters.into_iter();
    Ok(letters
        .map(|(body, detail)| (String::from_utf8_lossy(&body).into_owned(), detail))
        .collect())
}

/// Counts the applications in dead letters that are not settled.
///
/// # Errors
/// The query fails.
pub async fn dead_lettered(database: &mut PgConnection) -> sqlx::Result<u64> {
    let count: i64 = sqlx::query_scalar(
        "select coalesce(sum(open + requeued + discarded), 0)::bigint from dead_letter_sums",
    )
    .fetch_one(database)
    .await?;
    Ok(count.unsigned_abs())
}

/// Counts the registered applications of this channel.
///
/// # Errors
/// The query fails.
pub async fn count_of(database: &mut PgConnection, channel: &str) -> sqlx::Result<u64> {
    let count: i64 = sqlx::query_scalar("select count(*) from applications where channel = $1")
        .bind(channel)
        .fetch_one(database)
        .await?;
    Ok(count.unsigned_abs())
}

/// Returns the times from receipt to registration of this channel's applications, shortest first.
///
/// # Errors
/// The query fails.
pub async fn waits(database: &mut PgConnection, channel: &str) -> sqlx::Result<Vec<Duration>> {
    let milliseconds: Vec<i64> = sqlx::query_scalar(
        "select (extract(epoch from registered_at - received_at) * 1000)::bigint as wait
         from applications where channel = $1 order by wait",
    )
    .bind(channel)
    .fetch_all(database)
    .await?;
    // another clock may be slightly behind
    let wait = |milliseconds: i64| Duration::from_millis(u64::try_from(milliseconds).unwrap_or_default());
    Ok(milliseconds.into_iter().map(wait).collect())
}

/// Returns whether some applications were received this many seconds after their registration: by a
/// clock that was ahead.
///
/// # Errors
/// The query fails.
pub async fn received_by_a_clock_ahead(database: &mut PgConnection, seconds: i64) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from applications where received_at - registered_at > make_interval(secs => $1))",
    )
    .bind(seconds as f64)
    .fetch_one(database)
    .await
}

/// A state of the register.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mark {
    /// Number of registered applications.
    pub count: u64,
    /// The last protocol number: later ones are higher.
    last: (i16, i64),
}

/// Returns the state of the register. Call it while nothing is being registered.
///
/// # Errors
/// The query fails.
pub async fn mark(database: &mut PgConnection) -> sqlx::Result<Mark> {
    let last = sqlx::query_as(
        "select protocol_year, protocol_number from applications
         order by protocol_year desc, protocol_number desc limit 1",
    );
    Ok(Mark {
        last: last.fetch_optional(&mut *database).await?.unwrap_or_default(),
        count: count(database).await?,
    })
}

/// Returns the applications registered since then.
///
/// # Errors
/// The query fails.
pub async fn rows_after(database: &mut PgConnection, mark: Mark) -> sqlx::Result<Vec<Row>> {
    let (year, number) = mark.last;
    sqlx::query_as(
        "select id, protocol_year, protocol_number, tax_code, split_part(email, '@', 1) as reference,
                (extract(epoch from received_at) * 1000)::bigint as received_ms, registrations
         from applications
         join lateral (
             select count(*) as registrations from application_history
             where application_id = id and event = 'registered'
         ) history on true
         where (protocol_year, protocol_number) > ($1, $2)",
    )
    .bind(year)
    .bind(number)
    .fetch_all(database)
    .await
}

/// All registered applications.
const ROWS: &str =
    "select id, protocol_year, protocol_number, tax_code, split_part(email, '@', 1) as reference,
        (extract(epoch from received_at) * 1000)::bigint as received_ms, registrations
    from applications
    join lateral (
        select count(*) as registrations from application_history
        where application_id = id and event = 'registered'
    ) history on true";

/// All registered applications.
///
/// # Errors
/// The query fails.
pub async fn rows(database: &mut PgConnection) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as(ROWS).fetch_all(database).await
}

/// Streams all rows; only a few are in memory at a time.
pub fn each_row(database: &mut PgConnection) -> impl Stream<Item = sqlx::Result<Row>> + Send {
    sqlx::query_as(ROWS).fetch(database)
}

/// Returns the approximate number of registered applications, from the protocol numbers given out:
/// cheap for any number. A rolled-back transaction or a crash of the server makes it a few too
/// high.
///
/// # Errors
/// The query fails.
pub async fn numbers_given(database: &mut PgConnection) -> sqlx::Result<u64> {
    let last: i64 = sqlx::query_scalar(
        "select coalesce(sum(last_value), 0)::bigint from pg_sequences where sequencename like 'protocol_numbers_%'",
    )
    .fetch_one(database)
    .await?;
    Ok(last.unsigned_abs())
}
