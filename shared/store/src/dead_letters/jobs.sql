with found as (
    select * from requeue_jobs
    where (created_at, id) < ($1, $2) and ($4::uuid is null or id = $4)
    order by created_at desc, id desc limit $3::integer + 1
)
select
    id as "id!", state as "state!", stop_cause as "stop_cause?", rate as "rate!", letters as "letters!",
    version as "version!", created_at as "created_at!", changed_at as "changed_at!",
    author_issuer as "author_issuer!", author as "author!", note as "note!",
    results.waiting as "waiting!", results.sent as "sent!", results.settled as "settled!",
    results.returned as "returned!", results.skipped as "skipped!", results.cancelled as "cancelled!",
    (select count(*) from found) > $3 as "more!"
from found cross join lateral (
    select
        count(*) filter (where result = 'waiting') as waiting,
        count(*) filter (where result = 'sent') as sent,
        count(*) filter (where result = 'settled') as settled,
        count(*) filter (where result = 'returned') as returned,
        count(*) filter (where result = 'skipped') as skipped,
        count(*) filter (where result = 'cancelled') as cancelled
    from requeue_job_letters where job_id = found.id
) as results
order by created_at desc, id desc limit $3
