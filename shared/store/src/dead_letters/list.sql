with found as (
    select
        id, source, holds, channel, returned_from, applications, application_id, benefit, reason, detail, received_at,
        dead_lettered_at, sent_digest, mended_digest, mended_at, state, version, changed_at, author_issuer, author, note,
        job_id
    from dead_letters
    where (dead_lettered_at, id) < ($1, $2)
        and ($4::text is null or state = $4)
        and ($5::text is null or source = $5)
        and ($6::text is null or reason = $6)
        and ($7::text is null or benefit = $7)
        and ($8::text is null or channel = $8)
        and ($9::uuid is null or application_id = $9)
        and ($10::timestamptz is null or dead_lettered_at >= $10)
        and ($11::timestamptz is null or dead_lettered_at < $11)
        and ($12::uuid is null or id = $12)
    order by dead_lettered_at desc, id desc limit $3::integer + 1
)
select
    found.id as "id!", source as "source!", holds as "holds!", channel as "channel!", returned_from as "returned_from?",
    (select id from dead_letters as later where later.returned_from = found.id order by item limit 1) as "returned_as?",
    applications as "applications!", application_id as "application_id?", benefit as "benefit?", reason as "reason!",
    detail as "detail!", received_at as "received_at?", dead_lettered_at as "dead_lettered_at!",
    'sha-256=:' || encode(sent_digest, 'base64') || ':' as "sent_digest?",
    'sha-256=:' || encode(mended_digest, 'base64') || ':' as "mended_digest?",
    mended_at as "mended_at?", state as "state!", version as "version!", changed_at as "changed_at!",
    author_issuer as "author_issuer?", author as "author?", note as "note?", job_id as "job_id?",
    (select count(*) from found) > $3 as "more!"
from found order by dead_lettered_at desc, found.id desc limit $3
