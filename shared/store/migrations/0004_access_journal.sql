-- Who read which application, when and why; and what a list of one's own needs.

-- As whom a holder reads an application: `applicant` before `submitter`, nothing where it is not theirs. A reader is a
-- channel with a tax code or an organisation's id, as a submitter is. Everything that is shown to a holder asks this.
create function holder_role(channel text, submitter text, tax_code text, reader_channel text, reader text)
returns text language sql immutable parallel safe
return case
    when reader_channel = 'citizen' and tax_code = reader then 'applicant'
    when channel = reader_channel and submitter = reader then 'submitter'
end;

-- One entry a read, made by the statement that reads, so that there is no answer without its entry. No foreign key: it
-- would lock, and so write, the application's own row at each read. Entries are only added; what removes them when their
-- time is over has to replace `refuse_change` knowingly. Room to grow: it can be partitioned by `at`.
create table access_journal (
    application_id uuid not null,
    entry bigint generated always as identity,
    at timestamptz not null default now(),
    role text not null constraint access_journal_role check (role in ('applicant', 'submitter', 'operator')),
    -- the citizen's tax code, the intermediary's organisation id, or the operator's subject: personal data
    reader text not null constraint access_journal_reader check (length(reader) between 1 and 255),
    operation text not null constraint access_journal_operation check (operation in ('find', 'list', 'content')),
    -- an operator's own words, shown to the holders
    reason text constraint access_journal_reason check (length(reason) between 10 and 200),
    constraint access_journal_pkey primary key (application_id, entry),
    constraint access_journal_operators_say_why check ((role = 'operator') = (reason is not null))
);

create trigger access_journal_append_only before update or delete or truncate on access_journal
    for each statement execute function refuse_change();

-- Those that an intermediary sent, in order; a citizen's are few and found by `applications_of_applicant`, so that
-- registering them costs no more.
create index applications_of_intermediary on applications (submitter, received_at, id)
    where channel = 'intermediary';
