-- How many applications of each benefit wait: those that intake answered with 202, less those that workers settled.

-- what a process answered, by benefit: cumulative
alter table ledger_processes add column benefits jsonb not null default '{}';
-- what the messages of an arrival held, by benefit; dead letters that were sent again are left out
alter table ledger_arrivals add column benefits text[] not null default '{}';
alter table ledger_arrivals add column benefit_applications bigint[] not null default '{}';

-- Their sums. Whenever nothing of a channel waits, both are the same again.
create table ledger_benefits (
    channel text not null constraint ledger_benefits_channel check (channel in ('citizen', 'intermediary')),
    benefit text not null,
    answered bigint not null,
    settled bigint not null,
    constraint ledger_benefits_pkey primary key (channel, benefit)
);
grant select, insert, update on ledger_benefits to sportello_worker, sportello_console;
