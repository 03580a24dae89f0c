-- The roles of the services. Nobody logs in with one: an installation makes a user for each service and makes it a member
-- of the service's role. The user who migrates owns the tables, and no service connects with it.
--
-- Roles belong to the whole cluster, while each of its databases is migrated on its own, many of them at once perhaps. The
-- statement can be run by itself, by an administrator before anything else, where the owner may not make roles.
do $$
declare
    wanted text;
begin
    foreach wanted in array array['sportello_worker', 'sportello_status', 'sportello_console'] loop
        if not exists (select from pg_roles where rolname = wanted) then
            begin
                execute format('create role %I nologin', wanted);
            exception
                -- another database was migrated at the same moment
                when duplicate_object or unique_violation then null;
                when insufficient_privilege then
                    raise exception 'role % is missing and this user may not make it: run 0011_roles.sql as an administrator',
                        wanted using errcode = 'insufficient_privilege';
            end;
        end if;
    end loop;
end
$$;
