-- What operators decide, and what the console showed.

-- Who did what, when and why. Entries are only added: `refuse_change` refuses the rest even to the owner.
create table console_audit (
    entry bigint generated always as identity,
    at timestamptz not null default clock_timestamp(),
    -- the operator's subject and its issuer: personal data
    operator text not null constraint console_audit_operator check (length(operator) between 1 and 255),
    issuer text not null constraint console_audit_issuer check (length(issuer) between 1 and 255),
    action text not null constraint console_audit_action check (action ~ '^[a-z_]{1,64}$'),
    object text not null constraint console_audit_object check (length(object) between 1 and 200),
    -- how many objects it changed
    objects bigint not null constraint console_audit_objects check (objects > 0),
    -- what was set, in words for programs
    value text constraint console_audit_value check (length(value) between 1 and 500),
    -- an operator's own words
    reason text not null constraint console_audit_reason check (length(reason) between 10 and 200),
    -- the request's Idempotency-Key, and what it asked for: the same request again changes nothing
    key text not null constraint console_audit_key check (length(key) between 1 and 255),
    request bytea not null constraint console_audit_request check (length(request) = 32),
    constraint console_audit_pkey primary key (entry),
    constraint console_audit_once unique (issuer, operator, key)
);
create trigger console_audit_append_only before update or delete or truncate on console_audit
    for each statement execute function refuse_change();

-- The workers' setting: one row, whose version counts its changes.
create table console_workers (
    one boolean not null default true constraint console_workers_one check (one),
    version bigint not null constraint console_workers_version check (version > 0),
    setting jsonb not null,
    -- the entry of its last change
    entry bigint not null,
    constraint console_workers_pkey primary key (one)
);
-- What the automatic remembers: one row, written by the console that leads.
create table console_scaling (
    one boolean not null default true constraint console_scaling_one check (one),
    state jsonb not null,
    at timestamptz not null default clock_timestamp(),
    constraint console_scaling_pkey primary key (one)
);

-- What the console showed in each minute of the last days: means, by name. So a restart and a second console show the same.
create table console_minutes (
    minute timestamptz not null constraint console_minutes_whole check (date_trunc('minute', minute) = minute),
    point jsonb not null,
    constraint console_minutes_pkey primary key (minute)
);

grant select, insert on console_audit to sportello_console;
grant select, insert, update on console_workers, console_scaling to sportello_console;
grant select, insert, delete on console_minutes to sportello_console;
