using AiOs.DataPlane;

namespace AiOs.ControlPlane.Apps;

/// <summary>The tables of installed apps: every version ever deployed, and which one is in force; <c>deployment</c> is the place of the deployment that put it there in the order of acceptance.</summary>
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
        """), new Migration(2, "ALTER TABLE app_current ADD COLUMN deployment BIGINT NOT NULL DEFAULT 0"));
}
