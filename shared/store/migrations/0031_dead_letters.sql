-- Dead letters: applications that can't be registered, kept whole until an operator has decided. The
-- queue is only the way here. The database holds the rules: which state follows which, that nothing
-- changes without an entry, and that no content is read without a reason.

create table dead_letters (
    id uuid not null default gen_random_uuid() constraint dead_letters_pkey primary key,
    -- from the dead-letter queue, from the queue of unrouted messages, or a conflict on the register
    source text not null constraint dead_letters_source
        check (source in ('dead_letter', 'unrouted', 'conflict')),
    -- an application or a withdrawal, or a message that can't be read
    holds text not null constraint dead_letters_holds
        check (holds in ('application', 'withdrawal', 'message')),
    channel text not null constraint dead_letters_channel check (channel in ('citizen', 'intermediary')),
    -- the stamp of the message that it came in, and its place there; none for a whole message
    process bigint,
    number bigint,
    item integer,
    -- the letter that was sent again and came back as this one
    returned_from uuid,
    -- how many it counts for, by the header of a message that can't be read
    applications integer not null default 1 constraint dead_letters_applications check (applications > 0),
    application_id uuid,
    benefit text collate "C" constraint dead_letters_benefit check (length(benefit) between 1 and 64),
    reason text collate "C" not null constraint dead_letters_reason check (reason ~ '^[a-z_]{1,32}$'),
    -- the reason in words, without personal data
    detail text not null constraint dead_letters_detail check (length(detail) <= 1000),
    received_at timestamptz,
    dead_lettered_at timestamptz not null,
    ingested_at timestamptz not null default now(),
    -- SHA-256 of the message as it came
    message_digest bytea not null constraint dead_letters_message_digest
        check (octet_length(message_digest) = 32),
    -- the message as it is sent again. Gone once its content is on the register or in another letter;
    -- that of a conflict is in application_conflicts
    body bytea,
    -- digests of the content as it was accepted, and as an operator mended it
    sent_digest bytea constraint dead_letters_sent_digest check (octet_length(sent_digest) = 32),
    mended_digest bytea constraint dead_letters_mended_digest check (octet_length(mended_digest) = 32),
    mended_at timestamptz,
    state text not null default 'open' constraint dead_letters_state
        check (state in ('open', 'requeue_asked', 'sent', 'settled', 'returned', 'discarded')),
    version integer not null default 1,
    changed_at timestamptz not null default now(),
    sent_at timestamptz,
    -- the last job that it was in
    job_id uuid,
    -- the operator whose change was the last one, and why; none where a program made it
    author_issuer text constraint dead_letters_author_issuer check (length(author_issuer) between 1 and 255),
    author text constraint dead_letters_author check (length(author) between 1 and 255),
    note text constraint dead_letters_note check (length(note) between 10 and 200),
    constraint dead_letters_stamped check (num_nulls(process, number) in (0, 2)),
    constraint dead_letters_signed check (num_nulls(author_issuer, author, note) in (0, 3)),
    constraint dead_letters_kept check (
        (body is null) = (source = 'conflict' or state in ('settled', 'returned'))
    ),
    constraint dead_letters_in_a_job check (state not in ('requeue_asked', 'sent') or job_id is not null),
    constraint dead_letters_mended check (num_nulls(mended_digest, mended_at) in (0, 2)),
    -- it never stands, whatever is sent again
    constraint dead_letters_conflict check (source <> 'conflict' or state in ('open', 'discarded'))
);

-- what makes that a letter delivered twice is one
create unique index dead_letters_of_stamp on dead_letters (process, channel, number, item)
    nulls not distinct where process is not null and returned_from is null;
create unique index dead_letters_without_stamp on dead_letters (source, application_id, message_digest)
    nulls not distinct where process is null and returned_from is null;
create unique index dead_letters_returned on dead_letters (returned_from, item, message_digest)
    nulls not distinct where returned_from is not null;

create index dead_letters_in_order on dead_letters (dead_lettered_at, id);
create index dead_letters_open on dead_letters (dead_lettered_at, id) where state = 'open';
create index dead_letters_asked on dead_letters (job_id) where state = 'requeue_asked';
create index dead_letters_of_application on dead_letters (application_id);
create index dead_letters_of_benefit on dead_letters (benefit, dead_lettered_at);

-- What happened to a letter, in order: who, what and why. Written by triggers and `read_dead_letter`
-- alone; no role may write here.
create table dead_letter_events (
    letter_id uuid not null,
    entry bigint generated always as identity,
    at timestamptz not null default clock_timestamp(),
    event text not null constraint dead_letter_events_event check (
        event in (
            'ingested', 'read', 'mended', 'requeue_asked', 'reopened', 'sent', 'settled', 'returned', 'discarded'
        )
    ),
    author_issuer text,
    author text,
    note text constraint dead_letter_events_note check (length(note) between 10 and 200),
    constraint dead_letter_events_pkey primary key (letter_id, entry),
    constraint dead_letter_events_signed check (
        case
            when event in ('read', 'mended', 'requeue_asked', 'discarded')
                then num_nulls(author_issuer, author, note) = 0
            when event = 'reopened' then true
            else num_nonnulls(author_issuer, author, note) = 0
        end
    )
);

create trigger dead_letter_events_append_only before update or truncate on dead_letter_events
    for each statement execute function refuse_change();

-- Jobs that send letters again: a list that is frozen when the operator asks, and a result for each.
create table requeue_jobs (
    -- the caller's, so that a request that is repeated makes no second job
    id uuid not null constraint requeue_jobs_pkey primary key,
    state text not null default 'running' constraint requeue_jobs_state
        check (state in ('running', 'paused', 'stopped', 'done')),
    stop_cause text constraint requeue_jobs_stop_cause check (stop_cause in ('operator', 'letter_returned')),
    -- letters a second, after the first eleven
    rate integer not null constraint requeue_jobs_rate check (rate between 1 and 1000),
    letters integer not null constraint requeue_jobs_letters check (letters > 0),
    version integer not null default 1,
    created_at timestamptz not null default now(),
    changed_at timestamptz not null default now(),
    author_issuer text not null constraint requeue_jobs_author_issuer
        check (length(author_issuer) between 1 and 255),
    author text not null constraint requeue_jobs_author check (length(author) between 1 and 255),
    note text not null constraint requeue_jobs_note check (length(note) between 10 and 200),
    constraint requeue_jobs_stopped check ((state = 'stopped') = (stop_cause is not null))
);

create index requeue_jobs_in_order on requeue_jobs (created_at, id);

create table requeue_job_letters (
    job_id uuid not null constraint requeue_job_letters_job references requeue_jobs (id),
    position integer not null constraint requeue_job_letters_position check (position > 0),
    letter_id uuid not null,
    -- the version that the operator saw
    version integer not null,
    -- skipped: it was not open any more when the list was frozen, or had another version
    result text not null default 'waiting' constraint requeue_job_letters_result
        check (result in ('waiting', 'sent', 'settled', 'returned', 'skipped', 'cancelled')),
    at timestamptz not null default now(),
    constraint requeue_job_letters_pkey primary key (job_id, position),
    constraint requeue_job_letters_letter unique (job_id, letter_id)
);

-- What remains of letters that are not kept any more: a count.
create table purged_dead_letters (
    channel text not null,
    reason text not null,
    benefit text not null,
    state text not null,
    applications bigint not null constraint purged_dead_letters_applications check (applications > 0),
    purged_at timestamptz not null,
    constraint purged_dead_letters_pkey primary key (channel, reason, benefit, state)
);

alter table application_history
    drop constraint application_history_event,
    add constraint application_history_event
        check (event in ('registered', 'received_earlier', 'conflict', 'replaced', 'decided', 'mended'));

-- Lets a letter go only from one state to one that may follow, and counts its versions.
create function guard_dead_letter() returns trigger language plpgsql as $$
begin
    if (
        new.id, new.source, new.holds, new.channel, new.process, new.number, new.item, new.returned_from,
        new.applications, new.application_id, new.reason, new.detail, new.received_at, new.dead_lettered_at,
        new.ingested_at, new.message_digest, new.sent_digest
    ) is distinct from (
        old.id, old.source, old.holds, old.channel, old.process, old.number, old.item, old.returned_from,
        old.applications, old.application_id, old.reason, old.detail, old.received_at, old.dead_lettered_at,
        old.ingested_at, old.message_digest, old.sent_digest
    ) then
        raise exception 'where a dead letter comes from never changes'
            using errcode = 'check_violation', constraint = 'dead_letters_origin';
    end if;
    if not (case old.state
        -- settled and returned from any of the first three: the broker may be faster than the
        -- transaction that records what was sent, and a stop may overtake both
        when 'open' then new.state in ('open', 'requeue_asked', 'discarded', 'settled', 'returned')
        when 'requeue_asked' then new.state in ('open', 'sent', 'settled', 'returned')
        -- open again where an operator says so: what was sent may have been lost on the way
        when 'sent' then new.state in ('open', 'settled', 'returned')
        else false
    end) then
        raise exception 'a dead letter that is % does not become %', old.state, new.state
            using errcode = 'check_violation', constraint = 'dead_letters_next_state';
    end if;
    -- only an operator's mending changes what is sent again
    if (
        new.body is distinct from old.body and new.body is not null
        or (new.benefit, new.mended_digest, new.mended_at)
            is distinct from (old.benefit, old.mended_digest, old.mended_at)
    ) and not (
        old.state = 'open' and new.state = 'open' and num_nulls(new.author, new.mended_at) = 0
    ) then
        raise exception 'only a mending changes the content of a dead letter, while it is open'
            using errcode = 'check_violation', constraint = 'dead_letters_content';
    end if;
    new.version := old.version + 1;
    new.changed_at := now();
    return new;
end
$$;

create trigger dead_letters_guarded before update on dead_letters
    for each row execute function guard_dead_letter();

-- Writes the entry of a change, and the result into the letter's job.
create function note_dead_letter() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    insert into dead_letter_events (letter_id, event, author_issuer, author, note) values (
        new.id,
        case
            when tg_op = 'INSERT' then 'ingested'
            when new.state = 'open' and old.state <> 'open' then 'reopened'
            when new.state = 'open' then 'mended'
            else new.state
        end,
        new.author_issuer, new.author, new.note
    );
    if new.job_id is not null and new.state in ('sent', 'settled', 'returned') then
        update requeue_job_letters set result = new.state, at = now()
        where job_id = new.job_id and letter_id = new.id;
    end if;
    return null;
end
$$;

create trigger dead_letters_noted after insert or update on dead_letters
    for each row execute function note_dead_letter();

-- A letter goes with an application that is not kept any more, which `forgotten` then says for ever; or,
-- where no application can be read from it, after an operator decided. Its entries go with it.
create function refuse_loss_of_letters() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    if exists (
        select from lost where source <> 'conflict' and not case
            when application_id is null then state in ('discarded', 'settled', 'returned')
            else exists (select from forgotten where forgotten.id = lost.application_id)
        end
    ) then
        raise exception 'dead letters are not removed'
            using errcode = 'check_violation', constraint = 'dead_letters_stay';
    end if;
    delete from dead_letter_events where letter_id in (select id from lost);
    return null;
end
$$;

create trigger dead_letters_stay after delete on dead_letters
    referencing old table as lost for each statement execute function refuse_loss_of_letters();
create trigger dead_letters_not_truncated before truncate on dead_letters
    for each statement execute function refuse_change();

create function refuse_loss_of_letter_events() returns trigger language plpgsql as $$
begin
    if exists (select from lost join dead_letters on dead_letters.id = lost.letter_id) then
        raise exception 'dead_letter_events is append-only';
    end if;
    return null;
end
$$;

create trigger dead_letter_events_stay after delete on dead_letter_events
    referencing old table as lost for each statement execute function refuse_loss_of_letter_events();

-- Conflicts are letters of their own kind: an operator looks at them, and no state but discarded follows.
create function keep_conflict_letters() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    insert into dead_letters (
        source, holds, channel, application_id, benefit, reason, detail, received_at, dead_lettered_at,
        message_digest, sent_digest
    )
    select
        'conflict', 'application', a.channel, c.application_id, c.benefit, 'conflict',
        'another content was received earlier under the same idempotency key', c.received_at, c.recorded_at,
        c.content_digest, c.content_digest
    from kept as c join applications as a on a.id = c.application_id
    on conflict do nothing;
    return null;
end
$$;

-- A content that turns out to have been received first is no conflict any more.
create function drop_conflict_letters() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    delete from dead_letters using lost
    where source = 'conflict' and dead_letters.application_id = lost.application_id
        and message_digest = lost.content_digest;
    return null;
end
$$;

lock table application_conflicts in share row exclusive mode;
create trigger application_conflicts_are_letters after insert on application_conflicts
    referencing new table as kept for each statement execute function keep_conflict_letters();
create trigger application_conflicts_are_no_letters after delete on application_conflicts
    referencing old table as lost for each statement execute function drop_conflict_letters();
insert into dead_letters (
    source, holds, channel, application_id, benefit, reason, detail, received_at, dead_lettered_at,
    message_digest, sent_digest
)
select
    'conflict', 'application', a.channel, c.application_id, c.benefit, 'conflict',
    'another content was received earlier under the same idempotency key', c.received_at, c.recorded_at,
    c.content_digest, c.content_digest
from application_conflicts as c join applications as a on a.id = c.application_id;

-- Returns a letter's message, or a conflict's content, to an operator who says why. No role may read
-- them in another way, so that there is no content without its entries: here, and in the journal of
-- the application's holders.
create function read_dead_letter(letter uuid, its_issuer text, its_reader text, its_reason text)
returns table (its_version integer, its_body bytea, its_content text) language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    insert into dead_letter_events (letter_id, event, author_issuer, author, note)
    select id, 'read', its_issuer, its_reader, its_reason from dead_letters
    where id = letter and (body is not null or source = 'conflict');
    insert into access_journal (application_id, role, reader, issuer, operation, reason)
    select application_id, 'operator', its_reader, its_issuer, 'content', its_reason from dead_letters
    where id = letter and application_id is not null and (body is not null or source = 'conflict');
    return query
    select
        d.version, d.body,
        case when d.source = 'conflict' then jsonb_strip_nulls(jsonb_build_object(
            'benefit', c.benefit, 'category', c.category, 'mandate', c.mandate,
            'applicant', jsonb_build_object(
                'tax_code', a.tax_code, 'given_name', c.given_name, 'family_name', c.family_name,
                'birth_date', c.birth_date, 'email', c.email, 'phone', c.phone, 'iban', c.iban
            ),
            'answers', c.answers
        ))::text end
    from dead_letters as d
    left join application_conflicts as c on d.source = 'conflict'
        and c.application_id = d.application_id and c.content_digest = d.message_digest
    left join applications as a on a.id = c.application_id
    where d.id = letter;
end
$$;

-- Returns the letters of a job that are to be sent, in order, and locks them until what became of
-- them is committed.
create function dead_letters_to_send(its_job uuid, most integer)
returns table (letter_id uuid, letter_channel text, letter_applications integer, letter_body bytea)
language sql volatile security definer set search_path = public, pg_temp as $$
    select d.id, d.channel, d.applications, d.body
    from requeue_job_letters as listed join dead_letters as d on d.id = listed.letter_id
    where listed.job_id = its_job and d.job_id = its_job and d.state = 'requeue_asked'
    order by listed.position limit most
    for update of d skip locked
$$;

-- How many applications the letters count for, by channel: for the equation of what was accepted. One
-- that was returned counts as the letter that it came back as; a conflict counts on the register.
create view dead_letter_sums as
select
    channel,
    coalesce(sum(applications) filter (where state = 'open'), 0)::bigint as open,
    coalesce(sum(applications) filter (where state in ('requeue_asked', 'sent')), 0)::bigint as requeued,
    coalesce(sum(applications) filter (where state = 'settled'), 0)::bigint as settled,
    coalesce(sum(applications) filter (where state = 'discarded'), 0)::bigint as discarded
from (
    select channel, state, applications from dead_letters where source <> 'conflict'
    union all
    select channel, state, applications from purged_dead_letters where reason <> 'conflict'
) as letters
group by channel;

-- Whether an application is, or may be, a dead letter: one that is not in any letter may be in a message that can't be
-- read.
create function may_be_dead_lettered(application uuid) returns boolean language sql stable
security definer set search_path = public, pg_temp as $$
    select exists (select from dead_letters where application_id = application)
        or exists (select from dead_letters where application_id is null and state <> 'discarded')
$$;
grant execute on function may_be_dead_lettered(uuid) to sportello_status;

-- The worker takes letters in, settles them and forgets them. It never reads what they hold.
grant select (
    id, source, holds, channel, process, number, item, returned_from, applications, application_id, benefit,
    reason, detail, received_at, dead_lettered_at, ingested_at, message_digest, sent_digest, mended_digest,
    mended_at, state, version, changed_at, sent_at, job_id, author_issuer, author, note
) on dead_letters to sportello_worker;
grant insert, delete on dead_letters to sportello_worker;
grant update (state, body, author_issuer, author, note) on dead_letters to sportello_worker;
grant select, insert, update on purged_dead_letters to sportello_worker;
grant select on dead_letter_sums to sportello_worker;

-- Status tells a holder that a content was mended.
grant select (application_id, state, sent_digest, mended_digest, mended_at) on dead_letters to sportello_status;

-- The console lists letters, and works on them in its operators' names.
grant select (
    id, source, holds, channel, process, number, item, returned_from, applications, application_id, benefit,
    reason, detail, received_at, dead_lettered_at, ingested_at, message_digest, sent_digest, mended_digest,
    mended_at, state, version, changed_at, sent_at, job_id, author_issuer, author, note
) on dead_letters to sportello_console;
grant update (
    benefit, body, mended_digest, mended_at, state, sent_at, job_id, author_issuer, author, note
) on dead_letters to sportello_console;
grant select on dead_letter_events, purged_dead_letters, dead_letter_sums to sportello_console;
grant select, insert on requeue_jobs, requeue_job_letters to sportello_console;
grant update (state, stop_cause, letters, version, changed_at, author_issuer, author, note) on requeue_jobs
    to sportello_console;
grant update (result, at) on requeue_job_letters to sportello_console;
grant execute on function read_dead_letter(uuid, text, text, text), dead_letters_to_send(uuid, integer)
    to sportello_console;
