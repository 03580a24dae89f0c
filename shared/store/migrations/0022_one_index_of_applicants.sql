-- One index of a person's applications instead of two, since each new application touches a page anywhere in it: those
-- that stand, and the others, each in the order in which they are listed.
drop index applications_standing_for;
drop index applications_of_applicant;
create index applications_of_applicant
    on applications (tax_code, (reason in ('regular', 'past_cap')), received_at, id);
