//! `POST /v1/requeue-jobs`

use actix_web::HttpResponse;
use actix_web::web::Data;
use sportello_domain::{BenefitId, Language, Text, Violation};
use sportello_http::{ApiDocReader, ChangeProblems, Problem};
use sportello_store::{
    Asked, Deed, LetterFilter as StoreFilter, MOST_LETTERS, Repeated, RequeueRate, RequeueRequest, Selection,
};

use crate::change::{self, ApiDocKey, Sent};
use crate::letters::{job_answer, operator, reason};
use crate::parts::{Parts, problem};
use crate::views::requeue_jobs::{LetterFilter, RequeueJob, RequeueMany, Which};

/// Puts many dead letters into the queue again.
///
/// The list is frozen now: later letters are not in it. The operator types how many they are, and
/// nothing is done where that is not their number. One letter goes first, then ten, then the rest
/// at a rate that leaves citizens' requests alone; the job stops where one of the first comes back.
#[utoipa::path(
    post,
    path = "/v1/requeue-jobs",
    operation_id = "requeue_letters",
    tag = "decisions",
    params(ApiDocKey, ApiDocReader),
    request_body(content = RequeueMany, content_type = "application/json", description = "The letters, their number and the reason"),
    responses((status = 200, description = "The job", body = RequeueJob), ChangeProblems),
    security(("bearer" = []))
)]
pub(crate) async fn requeue_letters(
    sent: Sent<RequeueMany>,
    parts: Data<Parts>,
) -> Result<HttpResponse, Problem> {
    let (setting_reason, access_reason) = reason(&sent.body.reason, sent.language)?;
    let letters = selection(&sent.body, sent.language)?;
    let rate = rate(&sent.body, sent.language)?;
    let deed = sent.deed("requeue_letters", "", None, &setting_reason);
    let id = change::id_of(&deed);
    if parts.store.repeated(&deed).await.map_err(problem)? == Some(Repeated::Other) {
        return Err(Problem::KeyReused);
    }
    let asked = RequeueRequest {
        id: id.into(),
        letters,
        rate,
    };
    let asked = parts
        .store
        .ask_requeue(&asked, &operator(&sent.operator), &access_reason)
        .await;
    let job = match asked.map_err(problem)? {
        Asked::Job(job) => job,
        Asked::CountDiffers(found) => return Err(count_differs(found.into(), sent.language)),
        Asked::OutOfRange(found) => return Err(count_differs(found, sent.language)),
    };
    let deed = Deed {
        object: id.to_string(),
        objects: i64::from(job.letters).max(1),
        ..deed
    };
    // the job has the operator and the reason already: the audit's entry comes after it
    parts.record(&deed).await?;
    Ok(job_answer(job.into()))
}

fn selection(body: &RequeueMany, language: Language) -> Result<Selection, Problem> {
    match &body.which {
        Which::Letters(letters) => {
            let found = u64::try_from(letters.len()).unwrap_or(u64::MAX);
            if found != u64::from(body.count) {
                return Err(count_differs(found, language));
            }
            let letters = letters.iter().map(|it| (it.letter.into(), it.version));
            Ok(Selection::Letters(letters.collect()))
        }
        Which::Filter(filter) => Ok(Selection::Matching {
            filter: store_filter(filter)?,
            count: body.count,
        }),
    }
}

fn store_filter(filter: &LetterFilter) -> Result<StoreFilter, Problem> {
    let reason = filter.reason.as_deref().map(str::parse).transpose();
    let benefit = filter.benefit.as_deref().map(BenefitId::parse).transpose();
    Ok(StoreFilter {
        reason: reason.map_err(|_| Problem::Query)?,
        benefit: benefit.map_err(|_| Problem::Query)?,
        from: filter.from,
        until: filter.to,
        ..StoreFilter::default()
    })
}

fn rate(body: &RequeueMany, language: Language) -> Result<RequeueRate, Problem> {
    let Some(rate) = body.per_second else {
        return Ok(RequeueRate::default());
    };
    RequeueRate::per_second(rate).map_err(|_| {
        let message = Text::fixed(
            "da 1 a 1000 lettere al secondo",
            "1 to 1000 letters a second",
            "1 bis 1000 Briefe in der Sekunde",
        );
        Problem::of_change(
            vec![Violation::new(["per_second"], "out_of_range", message)],
            language,
        )
    })
}

fn count_differs(found: u64, language: Language) -> Problem {
    let message = Text::of(
        format!("le lettere sono {found}; in una volta se ne rimandano da 1 a {MOST_LETTERS}"),
        format!("there are {found} letters; a job has 1 to {MOST_LETTERS}"),
        format!("es sind {found} Briefe; auf einmal gehen 1 bis {MOST_LETTERS}"),
    );
    Problem::of_change(vec![Violation::new(["count"], "count", message)], language)
}
