//! The shapes of the API's answers.
//!
//! | operation | answer |
//! | --- | --- |
//! | `GET /v1/now` | [`now::Now`] |
//! | `GET /v1/live` | events `snapshot` (the first) and `frame`: [`now::Now`], `id` its sample |
//! | `GET /v1/history?from&to` | [`history::History`] |
//! | `GET`, `PUT /v1/workers` | [`workers::Workers`] |
//! | `GET /v1/workers/wanted` | [`workers::WantedWorkers`] |
//! | `GET /v1/dead-letters`, with filters | [`dead_letters::DeadLetters`] |
//! | `GET /v1/dead-letters/{letter}` | [`dead_letters::DeadLetter`] |
//! | `GET /v1/dead-letters/{letter}/content` | [`dead_letters::LetterContent`] |
//! | `PUT /v1/dead-letters/{letter}/content` | [`dead_letters::DeadLetter`] |
//! | `POST /v1/dead-letters/{letter}/requeue`, `…/discard` | [`dead_letters::DeadLetter`] |
//! | `GET`, `POST /v1/requeue-jobs` | [`requeue_jobs::RequeueJobs`], [`requeue_jobs::RequeueJob`] |
//! | `GET`, `PUT /v1/requeue-jobs/{job}` | [`requeue_jobs::RequeueJob`] |
//! | `GET /v1/requeue-jobs/{job}/letters?limit&after` | [`requeue_jobs::JobLetters`] |
//! | `POST /v1/ledger/tails/{channel}/{process}/close` | [`ledger::Tail`] |
//! | `GET /v1/channels` | [`channels::Channels`] |
//! | `PUT /v1/benefits/{benefit}/channels/{channel}` | [`channels::ChannelView`] |
//! | `GET /v1/audit?from&to&action&limit&after` | [`audit::Audit`] |
//! | `GET /v1/audit.csv?from&to` | CSV without names and reasons |
//! | `GET /v1/services` | [`services::Services`] |
//!
//! Instants are UTC (RFC 3339). An optional value is absent, never null, except in the columns of
//! [`history::History`]. A value that can't be read now is a [`reading::Reading`] that says since
//! when.
//!
//! Every change needs `Idempotency-Key`, a reason, and `If-Match` with the version that its author
//! saw, in quotation marks (`POST /v1/requeue-jobs` has none). Without `If-Match` the answer is
//! `428`. Where the version is older than what is there the answer is `412`, whose problem has two
//! more members: `changed` ([`change::Change`]: who, when and why) and `current` (what is there).

pub mod audit;
pub mod change;
pub mod channels;
pub mod dead_letters;
pub mod history;
pub mod ledger;
pub mod now;
pub mod reading;
pub mod requeue_jobs;
pub mod services;
pub mod workers;
