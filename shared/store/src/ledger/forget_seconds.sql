-- by the primary key: of two days and a second, a second is read
delete from ledger_seconds
where channel = any($1) and at < now() - interval '2 days'
