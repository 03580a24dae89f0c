-- The counters of outcomes, compared with the register itself: once a night, while nothing waits. Kept for 90 days.
create table outcome_recounts (
    at timestamptz not null default clock_timestamp(),
    -- on the register
    applications bigint not null,
    -- by how many a counter of a benefit, channel and outcome is too high or too low, all of them together
    miscounted bigint not null,
    constraint outcome_recounts_pkey primary key (at)
);
grant select, insert, delete on outcome_recounts to sportello_worker;
grant select on outcome_recounts to sportello_console;
