-- Inserts what is not there, each with the next number of its year, and says what was inserted.
with arrived as (
    select * from unnest(
        $1::uuid[], $2::smallint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
        $9::text[], $10::text[], $11::text[], $12::text[], $13::jsonb[], $14::bytea[], $15::timestamptz[],
        $16::text[], $17::bigint[], $18::text[], $19::bigint[], $20::text[], $21::text[], $22::text[], $23::text[],
        $24::uuid[], $25::text[]
    ) as t (
        id, protocol_year, benefit, category, channel, submitter, tax_code, given_name,
        family_name, email, phone, iban, answers, content_digest, received_at,
        one_per, amount_cents, budget, turn, validated_with, decided_with, outcome, reason,
        standing_id, mandate
    )
),
-- each year's sequence is looked up once
years as (
    select protocol_year, ('protocol_numbers_' || protocol_year)::regclass as sequence
    from (select distinct unnest($2::smallint[]) as protocol_year) as of_the_batch
),
numbered as (
    select *, nextval(sequence) as protocol_number
    from (
        select arrived.*, years.sequence from arrived join years using (protocol_year) order by received_at, id
    ) as in_order_of_receipt
),
inserted as (
    insert into applications (
        id, protocol_year, protocol_number, benefit, category, channel, submitter, tax_code, given_name,
        family_name, email, phone, iban, answers, content_digest, received_at,
        one_per, amount_cents, budget, turn, validated_with, decided_with, outcome, reason, standing_id,
        mandate
    )
    select
        id, protocol_year, protocol_number, benefit, category, channel, submitter, tax_code, given_name,
        family_name, email, phone, iban, answers, content_digest, received_at,
        string_to_array(one_per, e'\n'), amount_cents, budget, turn, validated_with, decided_with, outcome, reason,
        standing_id, mandate
    from numbered
    where not exists (select from forgotten where forgotten.id = numbered.id)
    -- every worker in the same order, so that two of them never wait for each other
    order by id
    returning id, protocol_year, protocol_number, registered_at, outcome, reason
),
logged as (
    insert into application_history (application_id, event, detail)
    select id, 'registered', jsonb_build_object('outcome', outcome, 'reason', reason) from inserted
)
select
    id as "id!", protocol_year as "protocol_year!", protocol_number as "protocol_number!",
    registered_at as "registered_at!"
from inserted
