-- Which issuer says who an operator is: a name is unique within its issuer only (OpenID Connect Core, section 2).
alter table access_journal
    add column issuer text constraint access_journal_issuer check (length(issuer) between 1 and 255),
    -- entries from before this column have none
    add constraint access_journal_operators_have_an_issuer
        check ((role = 'operator') = (issuer is not null)) not valid;
