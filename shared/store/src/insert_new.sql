-- Inserts applications in the order in which they are given, each with its entry in the history. `unnest` stands in the
-- select list, so that no array is put aside as a table first.
with inserted as (
    insert into applications (
        id, protocol_year, protocol_number, benefit, category, channel, submitter, tax_code, given_name,
        family_name, email, phone, iban, answers, content_digest, received_at,
        one_per, amount_cents, budget, turn, validated_with, decided_with, outcome, reason,
        barring_benefit, barring_subject, mandate, birth_date
    )
    select
        unnest($1::uuid[]), unnest($2::smallint[]), unnest($3::bigint[]), unnest($4::text[]), unnest($5::text[]),
        unnest($6::text[]), unnest($7::text[]), unnest($8::text[]), unnest($9::text[]), unnest($10::text[]),
        unnest($11::text[]), unnest($12::text[]), unnest($13::text[]), unnest($14::jsonb[]), unnest($15::bytea[]),
        unnest($16::timestamptz[]), string_to_array(unnest($17::text[]), e'\n'), unnest($18::bigint[]),
        unnest($19::text[]), unnest($20::bigint[]), unnest($21::text[]), unnest($22::text[]), unnest($23::text[]),
        unnest($24::text[]), unnest($25::text[]), unnest($26::text[]), unnest($27::text[]), unnest($28::date[])
    returning id, outcome, reason
)
insert into application_history (application_id, event, detail)
select id, 'registered',
    -- the most frequent one is not put together anew for each row
    case reason
        when 'regular' then '{"outcome": "registered", "reason": "regular"}'::jsonb
        else jsonb_build_object('outcome', outcome, 'reason', reason)
    end
from inserted
