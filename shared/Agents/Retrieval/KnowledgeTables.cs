using AiOs.DataPlane;
using Dapper;

namespace AiOs.Agents.Retrieval;

/// <summary>Which files were indexed already (digest of the inputs to reference of the index), and which documents were added to which app.</summary>
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
        """), new Migration(2,
        """
        CREATE TABLE knowledge_documents (
          app TEXT NOT NULL,
          path TEXT NOT NULL,
          digest TEXT NOT NULL,
          file_ref TEXT NOT NULL,
          roles TEXT NOT NULL,
          added_at BIGINT NOT NULL,
          added_by TEXT NOT NULL,
          PRIMARY KEY (app, path))
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

    public static Task<IReadOnlyList<AddedRow>> AddedAsync(this Database database, string app, CancellationToken cancellationToken) => database.ReadAsync<IReadOnlyList<AddedRow>>(
        async connection => [.. (await connection.QueryAsync<AddedRow>(new CommandDefinition(
            "SELECT app AS App, path AS Path, digest AS Digest, file_ref AS FileRef, roles AS Roles, added_at AS AddedAt, added_by AS AddedBy FROM knowledge_documents WHERE app = @app", new { app }, cancellationToken: cancellationToken)))
            .OrderBy(row => row.Path, StringComparer.Ordinal)],
        cancellationToken);

    /// <summary>Whether another app has the same document.</summary>
    public static async Task<bool> IsElsewhereAsync(this Database database, string app, string digest, CancellationToken cancellationToken) => await database.ReadAsync(
        connection => connection.ExecuteScalarAsync<long>(new CommandDefinition("SELECT COUNT(*) FROM knowledge_documents WHERE digest = @digest AND app <> @app", new { app, digest }, cancellationToken: cancellationToken)), cancellationToken) > 0;

    /// <summary>Every index that is known.</summary>
    public static Task<IReadOnlyList<string>> IndexesAsync(this Database database, CancellationToken cancellationToken) => database.ReadAsync<IReadOnlyList<string>>(
        async connection => [.. await connection.QueryAsync<string>(new CommandDefinition("SELECT DISTINCT index_ref FROM knowledge_indexes", cancellationToken: cancellationToken))], cancellationToken);

    /// <summary>An index that is to be built again when it is asked for.</summary>
    public static Task DropAsync(this Database database, string reference, CancellationToken cancellationToken) => database.WriteAsync(
        (connection, transaction) => connection.ExecuteAsync(new CommandDefinition("DELETE FROM knowledge_indexes WHERE index_ref = @reference", new { reference }, transaction, cancellationToken: cancellationToken)), cancellationToken);

    public static Task AddAsync(this Database database, AddedRow row, CancellationToken cancellationToken) => database.WriteAsync(
        (connection, transaction) => connection.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO knowledge_documents (app, path, digest, file_ref, roles, added_at, added_by) VALUES (@App, @Path, @Digest, @FileRef, @Roles, @AddedAt, @AddedBy)
            ON CONFLICT (app, path) DO UPDATE SET digest = excluded.digest, file_ref = excluded.file_ref, roles = excluded.roles, added_at = excluded.added_at, added_by = excluded.added_by
            WHERE knowledge_documents.digest <> excluded.digest
            """,
            row, transaction, cancellationToken: cancellationToken)),
        cancellationToken);

    public static async Task<bool> RemoveAsync(this Database database, string app, string path, CancellationToken cancellationToken) => await database.WriteAsync(
        (connection, transaction) => connection.ExecuteAsync(new CommandDefinition("DELETE FROM knowledge_documents WHERE app = @app AND path = @path", new { app, path }, transaction, cancellationToken: cancellationToken)),
        cancellationToken) > 0;
}

/// <summary>A row of knowledge_documents.</summary>
sealed class AddedRow
{
    public string App { get; init; } = "";
    public string Path { get; init; } = "";
    public string Digest { get; init; } = "";
    public string FileRef { get; init; } = "";
    public string Roles { get; init; } = "";
    public long AddedAt { get; init; }
    public string AddedBy { get; init; } = "";

    public AddedDocument ToDocument() => new(Path, Digest, Roles.Split(',', StringSplitOptions.RemoveEmptyEntries), DateTimeOffset.FromUnixTimeMilliseconds(AddedAt), AddedBy);
}
