-- People with a single name: it is the family name, and there is no given name.

alter table applications
    drop constraint applications_pseudonymised,
    add constraint applications_pseudonymised check (
        case when pseudonymised_at is null
            then num_nulls(submitter, tax_code, family_name, answers, content_digest) = 0
            -- an intermediary goes too: its own files say whom it sent what for, and when
            else num_nonnulls(
                    submitter, tax_code, given_name, family_name, birth_date, answers, content_digest, email, phone,
                    iban, mandate, barring_subject
                ) = 0 and one_per = '{}'
        end
    );
