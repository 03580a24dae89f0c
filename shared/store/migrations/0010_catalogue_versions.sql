-- The versions of a benefit's file that workers share out its budgets by, in the order in which the register first saw
-- them. Only the newest of those that a worker had within the last hour changes a budget: a worker whose folder is stale
-- does not undo what the others do.
create table catalogue_versions (
    benefit text collate "C" not null,
    version text not null constraint catalogue_versions_version check (length(version) = 16),
    -- the order; not a clock's
    entry bigint generated always as identity,
    first_seen timestamptz not null default now(),
    last_seen timestamptz not null default now(),
    constraint catalogue_versions_pkey primary key (benefit, version)
);
