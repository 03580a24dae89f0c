-- A user for each service, with the rights of its role. 0011_roles.sql has made the roles, prepare.sh the passwords.
\set worker `cat /run/secrets/worker`
\set status `cat /run/secrets/status`
\set console `cat /run/secrets/console`
\set monitor `cat /run/secrets/monitor`
create role worker login password :'worker' in role sportello_worker;
create role status login password :'status' in role sportello_status;
create role console login password :'console' in role sportello_console;
create role monitor login password :'monitor' in role pg_monitor;
