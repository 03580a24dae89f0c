-- What deciding costs: of a subject only those that stand are read, and of those that lost, the next in line.

-- An application that lost says by which benefit and subject: whatever stands there stands in its place. So those that
-- wait behind one that stands need no change when another takes its place.
alter table applications
    add column barring_benefit text,
    add column barring_subject text collate "C";

update applications as lost set
    barring_benefit = standing.benefit,
    barring_subject = (
        select subject
        from unnest(
            case lost.outcome when 'incompatible' then lost.tax_code || lost.one_per else lost.one_per end
        ) with ordinality as t (subject, place)
        where subject = any(
            case lost.outcome when 'incompatible' then standing.tax_code || standing.one_per else standing.one_per end
        )
        order by place limit 1
    )
from applications as standing
where standing.id = lost.standing_id;

alter table applications
    drop constraint applications_pseudonymised,
    drop constraint applications_standing_in_place,
    drop column standing_id,
    -- without them where the application that stands is forgotten: nobody could decide anew
    add constraint applications_barring check (
        num_nulls(barring_benefit, barring_subject) = 2
        or num_nulls(barring_benefit, barring_subject) = 0 and outcome in ('duplicate', 'incompatible')
    ),
    add constraint applications_pseudonymised check (
        case when pseudonymised_at is null
            then num_nulls(submitter, tax_code, given_name, family_name, answers, content_digest) = 0
            -- an intermediary goes too: its own files say whom it sent what for, and when
            else num_nonnulls(
                    submitter, tax_code, given_name, family_name, birth_date, answers, content_digest, email, phone,
                    iban, mandate, barring_subject
                ) = 0 and one_per = '{}'
        end
    );

-- Those that wait behind one that stands, in order.
create index applications_waiting
    on applications (barring_subject, barring_benefit, outcome, received_at, id)
    where barring_subject is not null;

-- Those that stand, by applicant and benefit.
create index applications_standing_for on applications (tax_code, benefit) where reason in ('regular', 'past_cap');

-- A person's own, in the order in which they are listed.
drop index applications_of_applicant;
create index applications_of_applicant on applications (tax_code, received_at, id);

-- Those that stand, by other subjects.
alter table application_subjects add column stands boolean not null default false;

update application_subjects set stands = true
from applications
where applications.id = application_subjects.application_id and applications.reason in ('regular', 'past_cap');

alter table application_subjects alter column stands drop default;

create index application_subjects_standing on application_subjects (subject) where stands;

-- The newest conflicts of an application.
create index application_conflicts_newest on application_conflicts (application_id, received_at);
