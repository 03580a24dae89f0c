-- What becomes of applications that were kept long enough: all that leads to a person goes.

-- Applications, and batches that they stood in, that are not kept any more. An id is an HMAC under a secret of
-- intake's: it leads to nobody, and it is needed so that a late redelivery does not bring back what is gone.
create table forgotten (
    id uuid constraint forgotten_pkey primary key,
    at timestamptz not null default now()
);

-- those of the last day
create index forgotten_at on forgotten using brin (at);

create trigger forgotten_append_only before update or delete or truncate on forgotten
    for each statement execute function refuse_change();

-- What remains of applications whose registration goes too: a count.
create table purged_applications (
    benefit text not null,
    channel text not null,
    outcome text not null,
    applications bigint not null constraint purged_applications_applications check (applications > 0),
    -- when some of them went, for the last time
    purged_at timestamptz not null,
    constraint purged_applications_pkey primary key (benefit, channel, outcome)
);

alter table applications
    add column pseudonymised_at timestamptz,
    alter column submitter drop not null,
    alter column tax_code drop not null,
    alter column given_name drop not null,
    alter column family_name drop not null,
    alter column answers drop not null,
    -- who has or guesses a content could tell by its digest that it was sent, and what was decided on it
    alter column content_digest drop not null,
    add constraint applications_pseudonymised check (
        case when pseudonymised_at is null
            then num_nulls(submitter, tax_code, given_name, family_name, answers, content_digest) = 0
            -- an intermediary goes too: its own files say whom it sent what for, and when
            else num_nonnulls(
                    submitter, tax_code, given_name, family_name, answers, content_digest, email, phone, iban, mandate,
                    standing_id
                ) = 0 and one_per = '{}'
        end
    ),
    -- without it where the application that stands is forgotten: it would lead from one to the other
    drop constraint applications_standing_in_place,
    add constraint applications_standing_in_place check (
        standing_id is null or outcome in ('duplicate', 'incompatible')
    );

-- Those that are still kept, benefit by benefit; registering adds at the end.
create index applications_kept on applications (benefit, received_at) where pseudonymised_at is null;
-- What hangs on an application, to be found before it goes.
create index applications_standing on applications (standing_id) where standing_id is not null;
create index application_subjects_of_application on application_subjects (application_id);

-- The one way in which what is append-only goes: with an application that is not kept any more, which `forgotten`
-- then says for ever.
create function refuse_loss() returns trigger language plpgsql as $$
begin
    if exists (
        select from lost
        where not exists (select from forgotten where forgotten.id = lost.application_id)
    ) then
        raise exception '% is append-only', tg_table_name;
    end if;
    return null;
end
$$;

drop trigger application_history_append_only on application_history;
create trigger application_history_append_only before update or truncate on application_history
    for each statement execute function refuse_change();
create trigger application_history_stays after delete on application_history
    referencing old table as lost for each statement execute function refuse_loss();

drop trigger access_journal_append_only on access_journal;
create trigger access_journal_append_only before update or truncate on access_journal
    for each statement execute function refuse_change();
create trigger access_journal_stays after delete on access_journal
    referencing old table as lost for each statement execute function refuse_loss();
