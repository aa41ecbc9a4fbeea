-- What the role of the app may do. Runs as the owner at every deploy, after the migrations; it can run again and again.
-- `atelier_app` is replaced by the role's real name where it differs.

grant usage on schema public to atelier_app;
revoke all on all tables in schema public from atelier_app;
grant select, insert, update, delete on all tables in schema public to atelier_app;
grant usage, select on all sequences in schema public to atelier_app;
revoke all on table public._prisma_migrations from atelier_app;

-- Append-only: what was written stays as it was written. The list of such tables is here and nowhere else.
do $$
declare
  append_only text;
begin
  foreach append_only in array array['AuditEntry', 'AuditSeal', 'Activity'] loop
    if to_regclass(format('public.%I', append_only)) is not null then
      execute format('revoke update, delete, truncate on table public.%I from atelier_app', append_only);
    end if;
  end loop;
end
$$;

-- The job queue's worker: its rows and functions, but not its tables' shape.
do $$
begin
  if to_regnamespace('pgboss') is not null then
    grant usage on schema pgboss to atelier_app;
    grant select, insert, update, delete on all tables in schema pgboss to atelier_app;
    grant usage, select on all sequences in schema pgboss to atelier_app;
    grant execute on all functions in schema pgboss to atelier_app;
  end if;
end
$$;
