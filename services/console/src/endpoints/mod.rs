//! The endpoints, one a file.

pub(crate) mod change_letter;
pub(crate) mod close_tail;
pub(crate) mod export_audit;
pub(crate) mod list_audit;
pub(crate) mod list_channels;
pub(crate) mod list_job_letters;
pub(crate) mod list_letters;
pub(crate) mod list_requeue_jobs;
pub(crate) mod mend_letter;
pub(crate) mod requeue_letters;
pub(crate) mod set_channel;
pub(crate) mod set_requeue_job;
pub(crate) mod set_workers;
pub(crate) mod show_history;
pub(crate) mod show_letter;
pub(crate) mod show_letter_content;
pub(crate) mod show_now;
pub(crate) mod show_requeue_job;
pub(crate) mod show_services;
pub(crate) mod show_wanted_workers;
pub(crate) mod show_workers;
pub(crate) mod stream_live;

use actix_web::web::ServiceConfig;
use sportello_http::endpoint;

/// Every address of the API.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(endpoint::get("/v1/now", show_now::show_now))
        .service(endpoint::get("/v1/live", stream_live::stream_live))
        .service(endpoint::get("/v1/history", show_history::show_history))
        .service(endpoint::get("/v1/services", show_services::show_services))
        .service(endpoint::get_and_put(
            "/v1/workers",
            show_workers::show_workers,
            set_workers::set_workers,
        ))
        .service(endpoint::get(
            "/v1/workers/wanted",
            show_wanted_workers::show_wanted_workers,
        ))
        .service(endpoint::get("/v1/channels", list_channels::list_channels))
        .service(endpoint::put(
            "/v1/benefits/{benefit}/channels/{channel}",
            set_channel::set_channel,
        ))
        .service(endpoint::get("/v1/dead-letters", list_letters::list_letters))
        .service(endpoint::get(
            "/v1/dead-letters/{letter}",
            show_letter::show_letter,
        ))
        .service(endpoint::get_and_put(
            "/v1/dead-letters/{letter}/content",
            show_letter_content::show_letter_content,
            mend_letter::mend_letter,
        ))
        .service(endpoint::post(
            "/v1/dead-letters/{letter}/requeue",
            change_letter::requeue_letter,
        ))
        .service(endpoint::post(
            "/v1/dead-letters/{letter}/discard",
            change_letter::discard_letter,
        ))
        .service(endpoint::get_and_post(
            "/v1/requeue-jobs",
            list_requeue_jobs::list_requeue_jobs,
            requeue_letters::requeue_letters,
        ))
        .service(endpoint::get_and_put(
            "/v1/requeue-jobs/{job}",
            show_requeue_job::show_requeue_job,
            set_requeue_job::set_requeue_job,
        ))
        .service(endpoint::get(
            "/v1/requeue-jobs/{job}/letters",
            list_job_letters::list_job_letters,
        ))
        .service(endpoint::post(
            "/v1/ledger/tails/{channel}/{process}/close",
            close_tail::close_tail,
        ))
        .service(endpoint::get("/v1/audit", list_audit::list_audit))
        .service(endpoint::get("/v1/audit.csv", export_audit::export_audit));
}
