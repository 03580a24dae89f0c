-- What was accepted under a key that was used before, whole; what a holder takes back; and the applicant's birth date.

alter table applications
    add column birth_date date,
    drop constraint applications_outcome,
    add constraint applications_outcome
        check (outcome in ('registered', 'duplicate', 'incompatible', 'reserve', 'refused', 'withdrawn')),
    drop constraint applications_reason,
    -- each reason has its outcome; the common one first
    add constraint applications_reason check (
        case reason
            when 'regular' then outcome = 'registered'
            when 'same_person' then outcome = 'duplicate'
            when 'same_subject' then outcome = 'duplicate'
            when 'incompatible_benefit' then outcome = 'incompatible'
            when 'past_cap' then outcome in ('reserve', 'refused')
            when 'before_opening' then outcome = 'refused'
            when 'after_closing' then outcome = 'refused'
            when 'outside_window' then outcome = 'refused'
            when 'withdrawn_by_applicant' then outcome = 'withdrawn'
            when 'withdrawn_by_submitter' then outcome = 'withdrawn'
            else false
        end
    ),
    drop constraint applications_pseudonymised,
    add constraint applications_pseudonymised check (
        case when pseudonymised_at is null
            then num_nulls(submitter, tax_code, given_name, family_name, answers, content_digest) = 0
            -- an intermediary goes too: its own files say whom it sent what for, and when
            else num_nonnulls(
                    submitter, tax_code, given_name, family_name, birth_date, answers, content_digest, email, phone,
                    iban, mandate, standing_id
                ) = 0 and one_per = '{}'
        end
    );

alter table application_history
    drop constraint application_history_event,
    add constraint application_history_event
        check (event in ('registered', 'received_earlier', 'conflict', 'replaced', 'decided'));

-- Another content sent under an idempotency key that was used before, whole. The content received first is the
-- application; this one never stands. Submitter, channel and applicant are the application's.
alter table application_conflicts
    add column benefit text,
    add column category text,
    add column mandate text,
    add column given_name text,
    add column family_name text,
    add column birth_date date,
    add column email text,
    add column phone text,
    add column iban text,
    add column answers jsonb,
    add column validated_with text;

update application_conflicts set benefit = applications.benefit
from applications where applications.id = application_conflicts.application_id;

alter table application_conflicts alter column benefit set not null;

-- Which row of a batch held a content that is a conflict.
create table conflict_rows (
    batch_id uuid not null,
    row integer not null constraint conflict_rows_row check (row > 0),
    application_id uuid not null,
    content_digest bytea not null,
    -- in the order in which a batch is read
    constraint conflict_rows_pkey primary key (batch_id, row, application_id, content_digest),
    constraint conflict_rows_conflict foreign key (application_id, content_digest)
        references application_conflicts (application_id, content_digest)
);

create index conflict_rows_of_conflict on conflict_rows (application_id, content_digest);

-- Withdrawals of applications that are not on the register yet. Whether `requester` is a holder is checked when the
-- application is registered. No history: what never comes is removed after some days.
create table pending_withdrawals (
    application_id uuid not null,
    channel text not null constraint pending_withdrawals_channel check (channel in ('citizen', 'intermediary')),
    -- the citizen's tax code or the intermediary's organisation id
    requester text collate "C" not null constraint pending_withdrawals_requester
        check (length(requester) between 1 and 64),
    requested_at timestamptz not null,
    recorded_at timestamptz not null default now(),
    constraint pending_withdrawals_pkey primary key (application_id, channel, requester)
);

create index pending_withdrawals_of_citizen on pending_withdrawals (requester) where channel = 'citizen';
