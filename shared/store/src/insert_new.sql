-- Inserts what is not there, each with the next number of its year, and says what was inserted.
with arrived as (
    select * from unnest(
        $1::uuid[], $2::smallint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
        $9::text[], $10::text[], $11::text[], $12::text[], $13::jsonb[], $14::bytea[], $15::timestamptz[]
    ) as t (
        id, protocol_year, benefit, category, channel, submitter, tax_code, given_name,
        family_name, email, phone, iban, answers, content_digest, received_at
    )
),
-- what is there takes no number, unless another worker inserts it at this moment
numbered as (
    select *, nextval(('protocol_numbers_' || protocol_year)::regclass) as protocol_number
    from (
        select * from arrived
        where not exists (select from applications where applications.id = arrived.id)
        order by received_at, id
    ) as in_order_of_receipt
),
inserted as (
    insert into applications (
        id, protocol_year, protocol_number, benefit, category, channel, submitter, tax_code, given_name,
        family_name, email, phone, iban, answers, content_digest, received_at, outcome
    )
    select
        id, protocol_year, protocol_number, benefit, category, channel, submitter, tax_code, given_name,
        family_name, email, phone, iban, answers, content_digest, received_at, $16
    from numbered
    -- every worker in the same order, so that two of them never wait for each other
    order by id
    on conflict (id) do nothing
    returning id, protocol_year, protocol_number, content_digest, received_at, registered_at, outcome
),
logged as (
    insert into application_history (application_id, event, detail)
    select id, 'registered', jsonb_build_object('outcome', outcome) from inserted
)
select
    id as "id!", protocol_year as "protocol_year!", protocol_number as "protocol_number!",
    content_digest as "content_digest!", received_at as "received_at!", registered_at as "registered_at!",
    outcome as "outcome!"
from inserted
