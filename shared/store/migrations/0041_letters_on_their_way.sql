-- A dead letter that is not in its table yet is not missing: nothing is judged while one is on its way there.

-- Since when the queues of dead letters and of unrouted messages are empty and workers recorded no new letter; nothing
-- while that is not so, or the queues can't be counted.
alter table ledger_audit add column letters_kept_since timestamptz;

create or replace view ledger_watermark as
select least(
    audited_at,
    (select min(since) from ledger_segments),
    (
        select min(coalesce(stated_at, 'epoch')) from ledger_processes
        where not settled and not final and closed_at is null
    )
) as at
from ledger_audit
where compared_since is not null
    -- twice the interval at which the broker counts its queues
    and letters_kept_since < audited_at - interval '10 seconds'
    and not exists (select from ledger_channels where queue_messages is distinct from 0)
    and not exists (select from ledger_processes where spool_held > 0);
