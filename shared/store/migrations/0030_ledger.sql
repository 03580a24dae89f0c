-- The ledger: the numbers of messages that intake confirmed and that workers settled. A process of the publisher is 64
-- random bits, kept as bigint; to_hex(process) is what people see. A number counts the messages of one process and channel.

-- What workers settled in a batch of messages, written before the acknowledgement and folded away by the auditor: rows
-- that are only added, so that no worker waits for another.
create table ledger_arrivals (
    entry bigint generated always as identity,
    channel text not null constraint ledger_arrivals_channel check (channel in ('citizen', 'intermediary')),
    -- whose messages they are, and the numbers of each
    processes bigint[] not null,
    numbers int8multirange[] not null,
    -- how many applications (withdrawals too) each message holds: in order of the processes, then of their numbers
    sizes integer[] not null,
    -- applications of messages without a number: of an intake of the version before, or put there by hand
    unnumbered bigint not null,
    applications bigint not null,
    new bigint not null,
    existing bigint not null,
    withdrawals bigint not null,
    dead bigint not null,
    at timestamptz not null default clock_timestamp(),
    constraint ledger_arrivals_pkey primary key (entry),
    constraint ledger_arrivals_processes check (cardinality(processes) = cardinality(numbers)),
    -- nothing of a message may be left out
    constraint ledger_arrivals_whole check (
        applications = new + existing + withdrawals + dead and least(new, existing, withdrawals, dead) >= 0
    )
);

-- Their sums. Cumulative.
create table ledger_channels (
    channel text not null constraint ledger_channels_channel check (channel in ('citizen', 'intermediary')),
    new bigint not null default 0,
    existing bigint not null default 0,
    withdrawals bigint not null default 0,
    dead bigint not null default 0,
    -- applications of messages that were settled before: each delivery counts in the four above
    repeated bigint not null default 0,
    unnumbered bigint not null default 0,
    -- messages in the channel's queue at the broker's last reading
    queue_messages bigint,
    -- so many confirmed messages are lost, while others wait and hide which
    lost_unnamed bigint not null default 0,
    constraint ledger_channels_pkey primary key (channel)
);
insert into ledger_channels (channel) values ('citizen'), ('intermediary');

-- One row for each start of a publisher and each channel. Cumulative.
create table ledger_processes (
    process bigint not null,
    channel text not null constraint ledger_processes_channel check (channel in ('citizen', 'intermediary')),
    -- what the process stated: all smaller numbers have an answer
    decided_below bigint not null default 0,
    confirmed_messages bigint not null default 0,
    confirmed_applications bigint not null default 0,
    -- numbers that the broker refused, or whose confirm is unknown: not confirmed
    exceptions int8multirange not null default '{}',
    answered bigint not null default 0,
    spool_put bigint not null default 0,
    spool_held bigint not null default 0,
    -- by the process's clock, and when the auditor read it by the database's
    stated_at timestamptz,
    heard_at timestamptz,
    -- the last statement of a process that ended in order, or whose successor found its file
    final boolean not null default false,
    -- what workers settled
    arrived int8multirange not null default '{}',
    -- the youngest confirm of what arrived, by the process's clock
    arrived_until timestamptz,
    -- applications that arrived in a message without a known confirm
    unconfirmed_applications bigint not null default 0,
    -- numbers that arrived before the statement that decides them, and how many applications each holds
    ahead_numbers bigint[] not null default '{}',
    ahead_sizes integer[] not null default '{}',
    -- confirmed numbers that are missing though much younger ones arrived
    suspect int8multirange not null default '{}',
    suspect_since timestamptz,
    -- confirmed numbers that are proved to be in no queue, and that never arrived
    lost int8multirange not null default '{}',
    lost_messages bigint not null default 0,
    lost_applications bigint not null default 0,
    lost_since timestamptz,
    -- an operator's word on what a process without a last statement may have sent after its last one
    closed_at timestamptz,
    closed_by text,
    closed_reason text constraint ledger_processes_reason check (length(closed_reason) between 10 and 200),
    -- the process ended, and everything confirmed arrived
    settled boolean not null default false,
    constraint ledger_processes_pkey primary key (process, channel),
    constraint ledger_processes_closed check ((closed_at is null) = (closed_reason is null)),
    constraint ledger_processes_ahead check (cardinality(ahead_numbers) = cardinality(ahead_sizes))
);
create index ledger_processes_open on ledger_processes (process) where not settled;

-- Confirmed messages that have not all arrived: those decided between two statements.
create table ledger_segments (
    process bigint not null,
    channel text not null,
    first bigint not null,
    below bigint not null,
    confirmed_messages bigint not null,
    confirmed_applications bigint not null,
    arrived_messages bigint not null,
    arrived_applications bigint not null,
    -- the instants of the two statements, by the process's clock
    since timestamptz not null,
    until timestamptz not null,
    constraint ledger_segments_pkey primary key (process, channel, first),
    constraint ledger_segments_process foreign key (process, channel) references ledger_processes,
    constraint ledger_segments_numbers check (first < below)
);

-- A row a second and channel, kept for two days. Cumulative numbers of applications.
create table ledger_seconds (
    channel text not null constraint ledger_seconds_channel check (channel in ('citizen', 'intermediary')),
    at timestamptz not null,
    answered bigint not null,
    confirmed bigint not null,
    settled bigint not null,
    outstanding bigint not null,
    spooled bigint not null,
    lost bigint not null,
    oldest_waiting_since timestamptz,
    constraint ledger_seconds_pkey primary key (channel, at)
);

-- The auditor: which worker it is, and its last round. One row.
create table ledger_audit (
    one boolean not null default true constraint ledger_audit_one check (one),
    auditor bigint,
    until timestamptz,
    audited_at timestamptz,
    -- since when confirmed and settled are compared with the broker's queues without a break
    compared_since timestamptz,
    constraint ledger_audit_pkey primary key (one)
);
insert into ledger_audit default values;

-- Changes of how many applications there are of each outcome, and their sum as far as the auditor has folded them.
create table outcome_movements (
    entry bigint generated always as identity,
    benefit text not null,
    channel text not null,
    outcome text not null,
    applications bigint not null,
    constraint outcome_movements_pkey primary key (entry)
);
create table outcome_counts (
    benefit text not null,
    channel text not null,
    outcome text not null,
    applications bigint not null,
    constraint outcome_counts_pkey primary key (benefit, channel, outcome)
);

-- Triggers, so that a worker of the version before counts too.
create function count_new_outcomes() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    insert into outcome_movements (benefit, channel, outcome, applications)
    select benefit, channel, outcome, count(*) from added group by benefit, channel, outcome;
    return null;
end
$$;
create function count_changed_outcomes() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    insert into outcome_movements (benefit, channel, outcome, applications)
    select benefit, channel, outcome, sum(applications) from (
        select benefit, channel, outcome, 1 as applications from after
        union all select benefit, channel, outcome, -1 from before
    ) as changes
    group by benefit, channel, outcome having sum(applications) <> 0;
    return null;
end
$$;
create function count_gone_outcomes() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    insert into outcome_movements (benefit, channel, outcome, applications)
    select benefit, channel, outcome, -count(*) from gone group by benefit, channel, outcome;
    return null;
end
$$;
-- no row may change between the triggers and the first count
lock table applications in share row exclusive mode;
create trigger applications_count_new after insert on applications
    referencing new table as added for each statement execute function count_new_outcomes();
create trigger applications_count_changed after update on applications
    referencing old table as before new table as after for each statement execute function count_changed_outcomes();
create trigger applications_count_gone after delete on applications
    referencing old table as gone for each statement execute function count_gone_outcomes();
insert into outcome_counts (benefit, channel, outcome, applications)
select benefit, channel, outcome, count(*) from applications group by benefit, channel, outcome;

-- Everything that was accepted before this instant is settled. Nothing while that is not known: no count of the queues, a
-- message in a queue, in a spool, or in the last second of a process that ended without a word.
create view ledger_watermark as
select least(
    audited_at,
    (select min(since) from ledger_segments),
    (
        select min(coalesce(stated_at, 'epoch')) from ledger_processes
        where not settled and not final and closed_at is null
    )
) as at
from ledger_audit
where compared_since is not null
    and not exists (select from ledger_channels where queue_messages is distinct from 0)
    and not exists (select from ledger_processes where spool_held > 0);

-- Valid receipts whose application is nowhere although every message confirmed by then is settled. Each is an alarm.
create table proven_missing (
    application_id uuid not null,
    benefit text not null,
    received_at timestamptz not null,
    seen_at timestamptz not null default now(),
    constraint proven_missing_pkey primary key (application_id)
);

grant select, insert, delete on ledger_arrivals to sportello_worker;
grant select, insert, update, delete on ledger_seconds to sportello_worker;
grant select, insert, update on ledger_processes, outcome_counts to sportello_worker;
grant select, update on ledger_channels, ledger_audit to sportello_worker;
grant select, insert, update, delete on ledger_segments to sportello_worker;
grant select, delete on outcome_movements to sportello_worker;
grant select on proven_missing to sportello_worker;

grant select on
    ledger_channels, ledger_processes, ledger_segments, ledger_seconds, ledger_audit,
    outcome_movements, outcome_counts, proven_missing to sportello_console;
grant update (closed_at, closed_by, closed_reason) on ledger_processes to sportello_console;

grant select on ledger_segments, ledger_processes, ledger_watermark to sportello_status;
grant select (application_id), insert (application_id, benefit, received_at) on proven_missing to sportello_status;
