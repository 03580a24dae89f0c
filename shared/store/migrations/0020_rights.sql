-- What each role may do. Nothing is for everybody: who connects has the rights of its own role.
-- All rights, as the database has them, are listed in docs/rights.json.

do $$
begin
    execute format('revoke all on database %I from public', current_database());
    execute format(
        'grant connect on database %I to sportello_worker, sportello_status, sportello_console', current_database()
    );
end
$$;
revoke all on schema public from public;
grant usage on schema public to sportello_worker, sportello_status, sportello_console;
revoke execute on all functions in schema public from public;
alter default privileges revoke execute on functions from public;

-- Which migrations were run. (The table is sqlx's own, and not there where psql runs the files.)
do $$
begin
    if to_regclass('_sqlx_migrations') is not null then
        grant select on _sqlx_migrations to sportello_worker, sportello_status, sportello_console;
    end if;
end
$$;

-- Makes the year's sequence for a worker, who may make nothing else: with the rights of the tables' owner.
create or replace function ensure_protocol_sequence(year smallint) returns void language plpgsql
security definer set search_path = public, pg_temp as $$
declare
    numbers text := 'protocol_numbers_' || year;
begin
    if year not between 2000 and 9999 then
        raise exception 'no protocol is kept for the year %', year
            using errcode = 'check_violation', constraint = 'applications_protocol_year';
    end if;
    -- without the lock, two sessions that make the same sequence at once fail
    perform pg_advisory_xact_lock(hashtext('ensure_protocol_sequence'), year);
    if to_regclass(numbers) is null then
        execute format('create sequence %I as bigint', numbers);
        -- to take the next number, not to set it back
        execute format('grant usage on sequence %I to sportello_worker', numbers);
    end if;
end
$$;

do $$
declare
    numbers regclass;
begin
    for numbers in
        select oid from pg_class
        where relkind = 'S' and relname like 'protocol\_numbers\_%' and relnamespace = 'public'::regnamespace
    loop
        execute format('grant usage on sequence %s to sportello_worker', numbers);
    end loop;
end
$$;

-- The worker registers, decides, shares out budgets and forgets. An application's id, its protocol number, its channel and
-- the instant at which it was registered stay.
grant execute on function ensure_protocol_sequence(smallint), arrival_turn(timestamptz) to sportello_worker;
grant select, insert, delete on applications to sportello_worker;
grant update (
    benefit, category, submitter, tax_code, given_name, family_name, birth_date, email, phone, iban, mandate, answers,
    content_digest, received_at, validated_with, decided_with, outcome, reason, barring_benefit, barring_subject, one_per,
    amount_cents, budget, turn, pseudonymised_at
) on applications to sportello_worker;
-- append-only by its triggers; entries go with an application that is not kept any more
grant select (application_id), insert (application_id, event, detail), delete on application_history to sportello_worker;
grant select, insert, delete on
    application_subjects, application_conflicts, conflict_rows, batch_rows, pending_withdrawals to sportello_worker;
grant update (stands) on application_subjects to sportello_worker;
grant update (received_at) on application_conflicts to sportello_worker;
-- without the right to update one can't lock
grant select, insert, update, delete on subjects to sportello_worker;
grant select, insert, update on budgets to sportello_worker;
grant select, insert, delete on budget_movements to sportello_worker;
grant select, insert on forgotten to sportello_worker;
grant select, insert, update on purged_applications to sportello_worker;
grant select, insert, update, delete on purge_announcements, late_reads to sportello_worker;
grant select, insert, update on catalogue_versions to sportello_worker;
-- It neither reads the journal nor writes it. Its trigger lets entries go with an application that is not kept any more.
grant select (application_id), delete on access_journal to sportello_worker;

-- Status reads for holders and operators, and leaves an entry for each read: at the database's own instant, and for good.
grant execute on function holder_role(text, text, text, text, text) to sportello_status;
grant select on
    applications, application_history, application_conflicts, conflict_rows, batch_rows, forgotten to sportello_status;
grant select (application_id, entry, at, role, operation, reason), insert (application_id, role, reader, issuer, operation, reason)
    on access_journal to sportello_status;

-- How many conflicts there are, for those who may not read which applications they are of.
create view conflict_counts as
select c.benefit, a.channel, count(*) as applications
from application_conflicts as c join applications as a on a.id = c.application_id
group by c.benefit, a.channel;
grant select on conflict_counts to sportello_worker, sportello_console;

-- The console counts. It reads nothing that leads to a person.
grant select (
    benefit, category, channel, outcome, reason, received_at, registered_at, amount_cents, budget, pseudonymised_at
) on applications to sportello_console;
grant select on budgets, budget_movements, purged_applications to sportello_console;
