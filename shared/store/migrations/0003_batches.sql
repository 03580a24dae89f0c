-- The mandate that an intermediary acts with, and which applications it sent at once.

alter table applications
    -- how the intermediary's own files call it; nothing where the applicant applies
    add column mandate text constraint applications_mandate check (length(mandate) between 1 and 64);

-- Which application stood in which row of a batch. Rows are added when an application is registered, and again when it
-- is delivered once more in another batch. A key that was used in two rows of a file makes one application with both
-- rows; where a file was changed and sent again as the same batch, a row may have had several applications.
create table batch_rows (
    batch_id uuid not null,
    row integer not null constraint batch_rows_row check (row > 0),
    application_id uuid not null constraint batch_rows_application references applications (id),
    -- in the order in which a batch is read
    constraint batch_rows_pkey primary key (batch_id, row, application_id)
);

create index batch_rows_of_application on batch_rows (application_id);
