-- Two roles: the owner runs the migrations, the app does the work. The app can neither change the
-- schema nor touch an audit event that has been written.
--
-- Run it as a superuser in DecisionLog's database, before the first migration and once after it:
-- it may be run any number of times.
--
--     psql -d decisionlog -f deploy/postgres/roles.sql
--     psql -d decisionlog -c '\password decisionlog_owner' -c '\password decisionlog_app'
--     DATABASE_URL='postgresql://decisionlog_owner:…@db/decisionlog?sslmode=verify-full' flask db upgrade
--     psql -d decisionlog -f deploy/postgres/roles.sql
--
-- The queue, where it lives in the same database, makes its own tables: it has a schema for that.
--     QUEUE_URL='postgresql://decisionlog_app:…@db/decisionlog?sslmode=verify-full&options=-csearch_path%3Dqueue'

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['decisionlog_owner', 'decisionlog_app'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE', name);
        END IF;
    END LOOP;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format(
        'GRANT CONNECT ON DATABASE %I TO decisionlog_owner, decisionlog_app', current_database()
    );
END $$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO decisionlog_owner;
GRANT USAGE ON SCHEMA public TO decisionlog_app;

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO decisionlog_app;
ALTER DEFAULT PRIVILEGES FOR ROLE decisionlog_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO decisionlog_app;

-- Rows are numbered without it; pg_dump, which makes the backups, reads how far they have come.
GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO decisionlog_app;
ALTER DEFAULT PRIVILEGES FOR ROLE decisionlog_owner IN SCHEMA public
    GRANT SELECT ON SEQUENCES TO decisionlog_app;

CREATE SCHEMA IF NOT EXISTS queue AUTHORIZATION decisionlog_app;

-- What stands by now, and is not the app's to write.
DO $$
BEGIN
    IF to_regclass('public.audit_events') IS NOT NULL THEN
        REVOKE UPDATE, DELETE ON public.audit_events FROM decisionlog_app;
        REVOKE INSERT, UPDATE, DELETE ON public.alembic_version FROM decisionlog_app;
    END IF;
END $$;
