//! What the benefits database holds, read as an auditor would: by queries of its own, not through the code that
//! is audited.

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
    /// Whose it is.
    pub tax_code: String,
    /// The idempotency key that it was sent with, which its e-mail address begins with.
    pub reference: Option<String>,
    /// When it was received, in milliseconds since 1970.
    pub received_ms: i64,
    /// How many times its history says that it was registered.
    pub registrations: i64,
}

/// A connection of the auditor's own.
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

/// How many applications are registered.
///
/// # Errors
/// The database can't be asked.
pub async fn count(database: &mut PgConnection) -> sqlx::Result<u64> {
    let count: i64 = sqlx::query_scalar("select count(*) from applications")
        .fetch_one(database)
        .await?;
    Ok(count.unsigned_abs())
}

/// How many applications that came by this channel are registered.
///
/// # Errors
/// The database can't be asked.
pub async fn count_of(database: &mut PgConnection, channel: &str) -> sqlx::Result<u64> {
    let count: i64 = sqlx::query_scalar("select count(*) from applications where channel = $1")
        .bind(channel)
        .fetch_one(database)
        .await?;
    Ok(count.unsigned_abs())
}

/// How long the applications that came by this channel waited from receipt to registration, shortest first.
///
/// # Errors
/// The database can't be asked.
pub async fn waits(database: &mut PgConnection, channel: &str) -> sqlx::Result<Vec<Duration>> {
    let milliseconds: Vec<i64> = sqlx::query_scalar(
        "select (extract(epoch from registered_at - received_at) * 1000)::bigint as wait
         from applications where channel = $1 order by wait",
    )
    .bind(channel)
    .fetch_all(database)
    .await?;
    // another clock may be a little behind
    let wait = |milliseconds: i64| Duration::from_millis(u64::try_from(milliseconds).unwrap_or_default());
    Ok(milliseconds.into_iter().map(wait).collect())
}

/// Whether some applications were received so many seconds after they were registered, and others as long before: by a
/// clock that was ahead, and then behind.
///
/// # Errors
/// The database can't be asked.
pub async fn received_by_other_clocks(database: &mut PgConnection, seconds: i64) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "select exists (select from applications where received_at - registered_at > make_interval(secs => $1))
            and exists (select from applications where registered_at - received_at > make_interval(secs => $1))",
    )
    .bind(seconds as f64)
    .fetch_one(database)
    .await
}

/// How far the register was at some time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mark {
    /// How many applications were registered.
    pub count: u64,
    /// The last protocol number: those that come later have a higher one.
    last: (i16, i64),
}

/// How far the register is. To be asked while nothing is being registered.
///
/// # Errors
/// The database can't be asked.
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

/// The applications that were registered since then.
///
/// # Errors
/// The database can't be asked.
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

/// Every registered application.
const ROWS: &str =
    "select id, protocol_year, protocol_number, tax_code, split_part(email, '@', 1) as reference,
        (extract(epoch from received_at) * 1000)::bigint as received_ms, registrations
    from applications
    join lateral (
        select count(*) as registrations from application_history
        where application_id = id and event = 'registered'
    ) history on true";

/// Every registered application.
///
/// # Errors
/// The database can't be asked.
pub async fn rows(database: &mut PgConnection) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as(ROWS).fetch_all(database).await
}

/// The same, one row after the other: however many there are, a few are in memory.
pub fn each_row(database: &mut PgConnection) -> impl Stream<Item = sqlx::Result<Row>> + Send {
    sqlx::query_as(ROWS).fetch(database)
}

/// About how many applications were registered, as the protocol numbers tell that were given out: cheap however many
/// there are. A transaction that was rolled back or a crash of the server leaves it a few too high.
///
/// # Errors
/// The database can't be asked.
pub async fn numbers_given(database: &mut PgConnection) -> sqlx::Result<u64> {
    let last: i64 = sqlx::query_scalar(
        "select coalesce(sum(last_value), 0)::bigint from pg_sequences where sequencename like 'protocol_numbers_%'",
    )
    .fetch_one(database)
    .await?;
    Ok(last.unsigned_abs())
}
