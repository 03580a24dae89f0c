-- The console audits the ledger too, so that it knows the backlog while no worker runs. It takes what workers recorded, and
-- records nothing of the kind itself.
grant select, delete on ledger_arrivals to sportello_console;
grant insert, update, delete on ledger_segments, ledger_seconds to sportello_console;
grant insert, update on ledger_processes, outcome_counts to sportello_console;
grant update on ledger_channels, ledger_audit to sportello_console;
grant delete on outcome_movements to sportello_console;

-- Whether the auditor counts the broker's queues: one that does takes the place of one that does not.
alter table ledger_audit add column counting boolean not null default false;
