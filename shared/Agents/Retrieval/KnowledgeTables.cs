using AiOs.DataPlane;
using Dapper;

namespace AiOs.Agents.Retrieval;

/// <summary>Which files were indexed already: digest of the inputs to reference of the index.</summary>
static class KnowledgeTables
{
    public static readonly MigrationSet Migrations = new("retrieval", new Migration(1,
        """
        CREATE TABLE knowledge_indexes (
          inputs_digest TEXT PRIMARY KEY,
          index_ref TEXT NOT NULL,
          documents INTEGER NOT NULL,
          chunks INTEGER NOT NULL,
          built_at BIGINT NOT NULL)
        """));

    public static Task<string?> FindAsync(this Database database, string inputs, CancellationToken cancellationToken) => database.ReadAsync(
        connection => connection.QuerySingleOrDefaultAsync<string?>(new CommandDefinition("SELECT index_ref FROM knowledge_indexes WHERE inputs_digest = @inputs", new { inputs }, cancellationToken: cancellationToken)),
        cancellationToken);

    public static Task RememberAsync(this Database database, string inputs, KnowledgeIndex index, DateTimeOffset now, CancellationToken cancellationToken) => database.WriteAsync(
        (connection, transaction) => connection.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO knowledge_indexes (inputs_digest, index_ref, documents, chunks, built_at) VALUES (@inputs, @Ref, @Documents, @Chunks, @at)
            ON CONFLICT (inputs_digest) DO UPDATE SET index_ref = excluded.index_ref, documents = excluded.documents, chunks = excluded.chunks, built_at = excluded.built_at
            """,
            new { inputs, index.Ref, index.Documents, index.Chunks, at = now.ToUnixTimeMilliseconds() }, transaction, cancellationToken: cancellationToken)),
        cancellationToken);
}
