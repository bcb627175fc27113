-- The passwords of the roles that roles.sql makes, from the environment of psql (14 or newer).

\getenv owner POSTGRES_OWNER_PASSWORD
\getenv app POSTGRES_APP_PASSWORD
ALTER ROLE decisionlog_owner PASSWORD :'owner';
ALTER ROLE decisionlog_app PASSWORD :'app';
