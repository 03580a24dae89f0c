-- The register of applications, what happened to each, and the numbers they are registered under.
--
-- Room to grow: `applications` can be partitioned by hash of `id`, the one key that everything else hangs on;
-- the sequences alone then keep the protocol numbers apart. No table holds a row that every registration updates.

create table applications (
    -- made by intake from the submitter and their idempotency key: a redelivery or a retry has the same
    id uuid constraint applications_pkey primary key,
    -- D.P.R. 445/2000, arts. 53 and 57: a progressive number, begun anew each calendar year (Europe/Rome)
    protocol_year smallint not null constraint applications_protocol_year check (protocol_year between 2000 and 9999),
    protocol_number bigint not null constraint applications_protocol_number check (protocol_number > 0),
    benefit text not null constraint applications_benefit check (length(benefit) between 1 and 64),
    category text constraint applications_category check (length(category) between 1 and 64),
    channel text not null constraint applications_channel check (channel in ('citizen', 'intermediary')),
    -- the citizen's tax code or the intermediary's organisation id
    submitter text not null constraint applications_submitter check (length(submitter) between 1 and 64),
    tax_code text not null constraint applications_tax_code check (tax_code ~ '^([A-Z0-9]{16}|[0-9]{11})$'),
    given_name text not null constraint applications_given_name check (length(given_name) between 1 and 100),
    family_name text not null constraint applications_family_name check (length(family_name) between 1 and 100),
    email text constraint applications_email check (length(email) between 3 and 254),
    phone text constraint applications_phone check (length(phone) between 6 and 16),
    iban text constraint applications_iban check (length(iban) between 15 and 34),
    answers jsonb not null constraint applications_answers check (jsonb_typeof(answers) = 'object'),
    -- SHA-256 of the content as it was sent
    content_digest bytea not null constraint applications_content_digest check (octet_length(content_digest) = 32),
    -- when intake accepted it: the instant that counts
    received_at timestamptz not null,
    registered_at timestamptz not null default now(),
    outcome text not null constraint applications_outcome
        check (outcome in ('registered', 'duplicate', 'incompatible', 'reserve', 'refused')),
    constraint applications_protocol_key unique (protocol_year, protocol_number)
);

-- What happened to an application, in order. `detail` holds no personal data.
create table application_history (
    application_id uuid not null constraint application_history_application references applications (id),
    entry bigint generated always as identity,
    at timestamptz not null default now(),
    event text not null constraint application_history_event
        check (event in ('registered', 'received_earlier', 'conflict')),
    detail jsonb not null constraint application_history_detail check (jsonb_typeof(detail) = 'object'),
    constraint application_history_pkey primary key (application_id, entry)
);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name;
end
$$;

create trigger application_history_append_only before update or delete or truncate on application_history
    for each statement execute function refuse_change();

-- Another content sent under an idempotency key that was used before: the content that was registered first
-- stands, and the holder can see that another was sent.
create table application_conflicts (
    application_id uuid not null constraint application_conflicts_application references applications (id),
    content_digest bytea not null constraint application_conflicts_content_digest
        check (octet_length(content_digest) = 32),
    received_at timestamptz not null,
    recorded_at timestamptz not null default now(),
    constraint application_conflicts_pkey primary key (application_id, content_digest)
);

-- Makes the year's sequence where it is not there yet. One sequence a year keeps the numbers unique and progressive
-- without a counter row that all writers would wait for. Numbers may be missing: a registration that is rolled back,
-- or a crash of the server, does not give back what it took.
create function ensure_protocol_sequence(year smallint) returns void language plpgsql as $$
begin
    -- without the lock, two sessions that make the same sequence at once fail
    perform pg_advisory_xact_lock(hashtext('ensure_protocol_sequence'), year);
    execute format('create sequence if not exists %I as bigint', 'protocol_numbers_' || year);
end
$$;
