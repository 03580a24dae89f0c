-- Which of several applications stands, and how far the budgets reach.

-- An instant's place in the order of arrival: its microseconds, far below zero, where no turn of a lottery is, so that
-- one can be told from the other.
create function arrival_turn(received_at timestamptz) returns bigint language sql stable strict parallel safe
return (extract(epoch from received_at) * 1000000 - 9223372036854775808)::bigint;

alter table applications
    -- compared byte by byte, as the program does
    alter column tax_code type text collate "C",
    add column reason text not null default 'regular',
    -- the application that stands in place of this one
    add column standing_id uuid constraint applications_standing_id references applications (id),
    -- the subjects that the benefit is given for once, most often tax codes; with the applicant where it is so
    add column one_per text[] not null default '{}',
    add column amount_cents bigint constraint applications_amount_cents check (amount_cents >= 0),
    -- the budget that it is paid from: a benefit, or benefit/category
    add column budget text collate "C" constraint applications_budget check (length(budget) between 1 and 129),
    -- the place among those who are paid from the budget: the lowest comes first, and of two alike the lower id
    add column turn bigint,
    -- versions of the benefit's file: of an empty one for what was registered before there were any
    add column validated_with text not null default 'e3b0c44298fc1c14'
        constraint applications_validated_with check (length(validated_with) = 16),
    add column decided_with text not null default 'e3b0c44298fc1c14'
        constraint applications_decided_with check (length(decided_with) = 16);

update applications set one_per = array[tax_code], turn = arrival_turn(received_at);

alter table applications
    alter column reason drop default,
    alter column one_per drop default,
    alter column turn set not null,
    alter column validated_with drop default,
    alter column decided_with drop default,
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
            else false
        end
    ),
    add constraint applications_standing_in_place check (
        (standing_id is not null) = (outcome in ('duplicate', 'incompatible'))
    );

create index applications_of_applicant on applications (tax_code);
-- those that stand, within the budget (outcome `registered`) and past it, in order
create index applications_of_budget on applications (budget, outcome, turn, id)
    where budget is not null and reason in ('regular', 'past_cap');

-- The subjects of an application other than its applicant.
create table application_subjects (
    subject text collate "C" not null,
    application_id uuid not null constraint application_subjects_application references applications (id),
    constraint application_subjects_pkey primary key (subject, application_id)
);

-- Everybody and everything that an application ever concerned. Whoever decides on a subject's applications locks its
-- row; a subject that is put here at that moment has no others. Rows are never changed and never removed.
create table subjects (
    subject text collate "C" not null constraint subjects_subject check (length(subject) between 1 and 256),
    constraint subjects_pkey primary key (subject)
);

insert into subjects (subject) select distinct tax_code from applications;

-- How far each budget reaches. Registering only reads it.
create table budgets (
    budget text collate "C" not null constraint budgets_budget check (length(budget) between 1 and 129),
    cap_cents bigint not null constraint budgets_cap_cents check (cap_cents >= 0),
    -- what becomes of applications past the cap
    past_outcome text not null constraint budgets_past_outcome check (past_outcome in ('reserve', 'refused')),
    -- claimed by applications that stand, as far as the movements are counted
    within_cents bigint not null,
    past_cents bigint not null,
    -- the place of the first application past the cap; nothing where all are within
    cut_turn bigint,
    cut_id uuid,
    -- the published seed that turns were drawn with
    seed text,
    constraint budgets_pkey primary key (budget),
    constraint budgets_cut check ((cut_turn is null) = (cut_id is null))
);

-- What registering changed in the claims on a budget and is not counted in `budgets` yet: rows that are only added,
-- so that no worker waits for another.
create table budget_movements (
    entry bigint generated always as identity,
    budget text collate "C" not null,
    within_cents bigint not null,
    past_cents bigint not null,
    constraint budget_movements_pkey primary key (entry)
);

alter table application_history
    drop constraint application_history_event,
    add constraint application_history_event
        check (event in ('registered', 'received_earlier', 'conflict', 'decided'));
