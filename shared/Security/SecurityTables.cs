using AiOs.DataPlane;

namespace AiOs.Security;

static class SecurityTables
{
    public static readonly MigrationSet Migrations = new("security", new Migration(1, """
        CREATE TABLE vault_entries (
            token TEXT NOT NULL PRIMARY KEY,
            kind TEXT NOT NULL,
            app TEXT NOT NULL,
            sealed {bytes} NOT NULL,
            created_at BIGINT NOT NULL);
        CREATE TABLE client_keys (
            id TEXT NOT NULL PRIMARY KEY,
            hash TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            roles TEXT NOT NULL,
            created_at BIGINT NOT NULL,
            revoked_at BIGINT);
        """),
        new Migration(2, "CREATE TABLE vault_keys (fingerprint TEXT NOT NULL PRIMARY KEY, first_used_at BIGINT NOT NULL);"));
}
