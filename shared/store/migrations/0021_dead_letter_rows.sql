-- Which row of a batch held an application that went to the dead letters, so that its sender can count it. What was sent
-- is in the dead letter alone. A row that is on the register in the end, as when an operator has sent the letter again,
-- counts there and no more here. Rows go with the first application of their batch that is not kept any more.
create table dead_letter_rows (
    batch_id uuid not null,
    row integer not null constraint dead_letter_rows_row check (row > 0),
    application_id uuid not null,
    -- the organisation that sent the batch
    submitter text collate "C" not null constraint dead_letter_rows_submitter
        check (length(submitter) between 1 and 64),
    recorded_at timestamptz not null default now(),
    constraint dead_letter_rows_pkey primary key (batch_id, row, application_id)
);

grant select, insert, delete on dead_letter_rows to sportello_worker;
grant select on dead_letter_rows to sportello_status;
