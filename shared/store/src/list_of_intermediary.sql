-- The applications that an intermediary sent, newest first.
-- The entries of the journal are made by the statement that reads, so that there is no list without them.
with found as (
    select id, benefit, category, outcome, received_at, protocol_year, protocol_number,
        barring_benefit, barring_subject, channel, submitter, tax_code
    from applications
    where channel = 'intermediary' and submitter = $1 and (received_at, id) < ($2::timestamptz, $3::uuid)
    order by received_at desc, id desc
    -- one more, to know whether there is another page
    limit $4 + 1
),
page as (
    select * from found order by received_at desc, id desc limit $4
),
noted as (
    insert into access_journal (application_id, role, reader, operation)
    select id, 'submitter', $1, 'list' from page
)
select
    page.id as "id!", page.benefit as "benefit!", page.category as "category?", page.outcome as "outcome!",
    page.received_at as "received_at!", page.protocol_year as "protocol_year!",
    page.protocol_number as "protocol_number!", standing.id as "standing_id?",
    (select count(*) from found) > $4 as "more!"
from page
-- shown only to the same holders, as in `Store::find`
left join lateral (
    select id from applications as earlier
    where earlier.tax_code = page.tax_code and (earlier.reason in ('regular', 'past_cap')) is true
        and earlier.benefit = page.barring_benefit
        and page.barring_subject = any(earlier.one_per || earlier.tax_code)
        and earlier.channel = page.channel and earlier.submitter = page.submitter
    order by earlier.received_at, earlier.id limit 1
) as standing on true
order by page.received_at desc, page.id desc
