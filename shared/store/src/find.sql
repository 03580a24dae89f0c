with noted as (
    insert into access_journal (application_id, role, reader, operation)
    select id, holder_role(channel, submitter, tax_code, $2, $3), $3, 'find' from applications
    where id = $1 and holder_role(channel, submitter, tax_code, $2, $3) is not null
)
select
    holder_role(a.channel, a.submitter, a.tax_code, $2, $3) is not null as "held!",
    a.protocol_year, a.protocol_number, a.outcome, a.reason, a.benefit, a.category, a.channel,
    a.submitter as "submitter!", a.tax_code as "tax_code!",
    'sha-256=:' || encode(a.content_digest, 'base64') || ':' as "content_digest!",
    a.received_at, a.registered_at, a.amount_cents, a.validated_with, a.decided_with,
    standing.id as "standing_id?",
    (
        select jsonb_build_object(
            'sent_digest', 'sha-256=:' || encode(d.sent_digest, 'base64') || ':', 'at', d.mended_at
        )
        from dead_letters as d
        where d.application_id = a.id and d.state = 'settled' and d.mended_digest = a.content_digest
            and d.sent_digest is not null
        order by d.mended_at desc limit 1
    ) as "mended?: Json<MendedContent>",
    (
        select coalesce(jsonb_agg(jsonb_build_object(
            'content_digest', 'sha-256=:' || encode(c.content_digest, 'base64') || ':',
            'received_at', c.received_at,
            'recorded_at', c.recorded_at
        ) order by c.received_at, c.content_digest), '[]')
        from (
            select content_digest, received_at, recorded_at from application_conflicts
            where application_id = a.id order by received_at desc, content_digest desc limit $4
        ) as c
    ) as "conflicts!: Json<Vec<Conflict>>",
    (
        select coalesce(jsonb_agg(jsonb_build_object(
            'at', h.at, 'event', h.event, 'outcome', h.detail->'outcome', 'reason', h.detail->'reason'
        ) order by h.entry), '[]')
        from (
            select entry, at, event, detail from application_history
            where application_id = a.id order by entry desc limit $5
        ) as h
    ) as "history!: Json<Vec<HistoryEntry>>"
from applications as a
left join lateral (
    select id from applications as earlier
    where earlier.tax_code = a.tax_code and (earlier.reason in ('regular', 'past_cap')) is true
        and earlier.benefit = a.barring_benefit
        and a.barring_subject = any(earlier.one_per || earlier.tax_code)
        and earlier.channel = a.channel and earlier.submitter = a.submitter
    order by earlier.received_at, earlier.id limit 1
) as standing on true
where a.id = $1 and a.pseudonymised_at is null
