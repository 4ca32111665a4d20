using AiOs.DataPlane;

namespace AiOs.Governance;

static class GovernanceTables
{
    const string Tables = """
        CREATE TABLE audit_head (id INTEGER NOT NULL PRIMARY KEY, sequence BIGINT NOT NULL);
        INSERT INTO audit_head (id, sequence) VALUES (1, 0);
        CREATE TABLE audit_entries (
            sequence BIGINT NOT NULL PRIMARY KEY,
            type TEXT NOT NULL,
            at BIGINT NOT NULL,
            run_id TEXT,
            dedupe_key TEXT UNIQUE,
            leaf {bytes} NOT NULL);
        CREATE INDEX audit_entries_by_run ON audit_entries (run_id, sequence);
        """;

    public static readonly MigrationSet Migrations = new("governance", new Migration(1,
        Sql: Tables + """

        CREATE TRIGGER audit_entries_keep_update BEFORE UPDATE ON audit_entries BEGIN SELECT RAISE(ABORT, 'audit_entries is append-only'); END;
        CREATE TRIGGER audit_entries_keep_delete BEFORE DELETE ON audit_entries BEGIN SELECT RAISE(ABORT, 'audit_entries is append-only'); END;
        """,
        Postgres: Tables + """

        CREATE FUNCTION audit_entries_keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'audit_entries is append-only'; END $$;
        CREATE TRIGGER audit_entries_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_keep();
        """));
}
