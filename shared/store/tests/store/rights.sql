-- Every right in the database that is not its owner's: who, on what, which one.
with object (oid, class, name, owner, acl) as (
    select oid, 'pg_class'::regclass, relname::text, relowner,
        coalesce(relacl, acldefault(case relkind when 'S' then 's'::"char" else 'r'::"char" end, relowner))
    from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'S', 'v', 'm', 'f')
    union all
    select oid, 'pg_proc'::regclass, proname || '()', proowner, coalesce(proacl, acldefault('f', proowner))
    from pg_proc where pronamespace = 'public'::regnamespace
    union all
    select oid, 'pg_namespace'::regclass, 'schema ' || nspname, nspowner, coalesce(nspacl, acldefault('n', nspowner))
    from pg_namespace where nspname = 'public'
    union all
    select oid, 'pg_database'::regclass, 'database', datdba, coalesce(datacl, acldefault('d', datdba))
    from pg_database where datname = current_database()
),
held (grantee, name, privilege, attribute) as (
    select acl.grantee, object.name, acl.privilege_type, null
    from object cross join lateral aclexplode(object.acl) as acl where acl.grantee <> object.owner
    union all
    select acl.grantee, object.name, acl.privilege_type, attribute.attname
    from object
    join pg_attribute as attribute on object.class = 'pg_class'::regclass and attribute.attrelid = object.oid
    cross join lateral aclexplode(attribute.attacl) as acl where acl.grantee <> object.owner
)
select
    case grantee when 0 then 'everybody' else pg_get_userbyid(grantee)::text end as role, name,
    lower(privilege) || coalesce(' (' || string_agg(attribute, ', ' order by attribute) || ')', '') as privilege
from held
group by grantee, name, privilege, attribute is null
order by 1, 2, 3
