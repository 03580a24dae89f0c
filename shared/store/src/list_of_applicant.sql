-- The applications that are for a person, newest first.
-- The entries of the journal are made by the statement that reads, so that there is no list without them.
with found as (
    select id, benefit, category, outcome, received_at, protocol_year, protocol_number, standing_id, channel,
        submitter, tax_code
    from applications
    where tax_code = $1 and (received_at, id) < ($2::timestamptz, $3::uuid)
    order by received_at desc, id desc
    -- one more, to know whether there is another page
    limit $4 + 1
),
page as (
    select * from found order by received_at desc, id desc limit $4
),
noted as (
    insert into access_journal (application_id, role, reader, operation)
    select id, 'applicant', $1, 'list' from page
)
select
    page.id as "id!", page.benefit as "benefit!", page.category as "category?", page.outcome as "outcome!",
    page.received_at as "received_at!", page.protocol_year as "protocol_year!",
    page.protocol_number as "protocol_number!", standing.id as "standing_id?",
    (select count(*) from found) > $4 as "more!"
from page
-- shown only to the same holders, as in `Store::find`
left join applications as standing
    on standing.id = page.standing_id and standing.tax_code = page.tax_code
    and standing.channel = page.channel and standing.submitter = page.submitter
order by page.received_at desc, page.id desc
