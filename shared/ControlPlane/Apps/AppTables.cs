using AiOs.DataPlane;

namespace AiOs.ControlPlane.Apps;

/// <summary>The tables of installed apps: every version ever deployed, which one is in force, and every plan that was put in force, by the run that did it; <c>deployment</c> is the place of that run in the order of acceptance.</summary>
static class AppTables
{
    public static readonly MigrationSet Migrations = new("apps", new Migration(1, """
        CREATE TABLE app_versions (
            app TEXT NOT NULL,
            version TEXT NOT NULL,
            plan_digest TEXT NOT NULL,
            content TEXT NOT NULL,
            summary TEXT NOT NULL,
            owner TEXT NOT NULL,
            deployed_at BIGINT NOT NULL,
            deployed_by TEXT NOT NULL,
            PRIMARY KEY (app, version));
        CREATE TABLE app_current (
            app TEXT NOT NULL PRIMARY KEY,
            version TEXT NOT NULL);
        """), new Migration(2, "ALTER TABLE app_current ADD COLUMN deployment BIGINT NOT NULL DEFAULT 0"), new Migration(3, """
        CREATE TABLE app_activations (
            app TEXT NOT NULL,
            run_id TEXT NOT NULL,
            version TEXT NOT NULL,
            plan_digest TEXT NOT NULL,
            at BIGINT NOT NULL,
            by_id TEXT NOT NULL,
            reason TEXT,
            PRIMARY KEY (app, run_id));
        INSERT INTO app_activations (app, run_id, version, plan_digest, at, by_id) SELECT app, 'version:' || version, version, plan_digest, deployed_at, deployed_by FROM app_versions;
        """));
}
