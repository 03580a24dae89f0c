-- Nothing is erased unannounced, and what has to be erased later is remembered.

-- Benefits whose term has ended and whose applications are still there. They go once the same end and the same disposal
-- have stood here for a day: whatever a clock, a file or a hand did wrong can be mended until then. The row goes with
-- the last application, or when the benefit's file says a later end.
create table purge_announcements (
    benefit text collate "C" not null constraint purge_announcements_pkey primary key,
    ends timestamptz not null,
    disposal text not null constraint purge_announcements_disposal check (disposal in ('pseudonymise', 'purge')),
    announced_at timestamptz not null default now()
);

-- Applications that are not kept any more and whose journal has to be swept once more: a read that was going on when
-- they went may have left an entry. A row goes when it is done, so nothing is left out, however many there are.
create table late_reads (
    application_id uuid not null constraint late_reads_pkey primary key,
    forgotten_at timestamptz not null default now()
);

create index late_reads_in_order on late_reads (forgotten_at);

insert into late_reads (application_id, forgotten_at)
select id, at from forgotten where at > now() - interval '2 days';

-- what found those of the last day
drop index forgotten_at;
