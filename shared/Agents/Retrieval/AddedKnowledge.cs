using System.Text.Json;
using AiOs.DataPlane;

namespace AiOs.Agents.Retrieval;

/// <summary>A document that was added to an app beside its package.</summary>
/// <param name="Path">Its name: <c>added/</c> and the file's name.</param>
/// <param name="Digest">SHA-256 of path, text, format and roles, hexadecimal.</param>
/// <param name="Roles">Who may read it; empty for everybody.</param>
/// <param name="AddedAt">When.</param>
/// <param name="AddedBy">The id of who did.</param>
public sealed record AddedDocument(string Path, string Digest, IReadOnlyList<string> Roles, DateTimeOffset AddedAt, string AddedBy);

/// <summary>Documents that an app got beside its package, and the index over both. They stay when a new version is deployed.</summary>
public sealed class AddedKnowledge(Database database, IBlobStore blobs, IKnowledgeIndexer indexer, TimeProvider time)
{
    /// <summary>What the paths of added documents begin with.</summary>
    public const string Folder = "added/";

    /// <summary>What was added to the app, by path.</summary>
    public async Task<IReadOnlyList<AddedDocument>> ListAsync(string app, CancellationToken cancellationToken) =>
        [.. (await database.AddedAsync(app, cancellationToken)).Select(row => row.ToDocument())];

    /// <summary>Adds a document or replaces the one of its path. The same document again changes nothing.</summary>
    public async Task<AddedDocument> AddAsync(string app, KnowledgeFile file, string by, CancellationToken cancellationToken)
    {
        var row = new AddedRow
        {
            App = app, Path = file.Path, Digest = FileDigest.Of(file), Roles = string.Join(',', file.Roles), AddedAt = time.GetUtcNow().ToUnixTimeMilliseconds(), AddedBy = by,
            FileRef = await blobs.PutAsync(JsonSerializer.SerializeToUtf8Bytes(file, AiOsJson.Options), cancellationToken),
        };
        var before = (await database.AddedAsync(app, cancellationToken)).FirstOrDefault(r => r.Path == file.Path);
        if (before is not null && before.Digest != row.Digest)
            await ForgetAsync(before, cancellationToken);
        await database.AddAsync(row, cancellationToken);
        return (await database.AddedAsync(app, cancellationToken)).FirstOrDefault(r => r.Path == file.Path)?.ToDocument() ?? row.ToDocument();
    }

    /// <summary>Removes a document; false where there is none of that path.</summary>
    public async Task<bool> RemoveAsync(string app, string path, CancellationToken cancellationToken)
    {
        var before = (await database.AddedAsync(app, cancellationToken)).FirstOrDefault(r => r.Path == path);
        if (before is null)
            return false;
        await ForgetAsync(before, cancellationToken);   // first: where that fails, the document is still there to be removed again
        return await database.RemoveAsync(app, path, cancellationToken);
    }

    /// <summary>The index over the package's knowledge and what was added: <paramref name="packageIndex"/> itself where nothing was. Built once for each state; only what is new is encoded.</summary>
    /// <exception cref="InvalidDataException">The package's index is missing or damaged.</exception>
    public async Task<string> IndexAsync(string app, string packageIndex, CancellationToken cancellationToken)
    {
        var rows = await database.AddedAsync(app, cancellationToken);
        if (rows.Count == 0)
            return packageIndex;
        return (await indexer.ExtendAsync(packageIndex, [.. rows.Select(r => r.Digest)], () => FilesAsync(rows, cancellationToken), cancellationToken)).Ref;
    }

    async Task ForgetAsync(AddedRow row, CancellationToken cancellationToken)
    {
        if (!await database.IsElsewhereAsync(row.App, row.Digest, cancellationToken))
            await indexer.ForgetAsync(row.Digest, cancellationToken);
    }

    async Task<IReadOnlyList<KnowledgeFile>> FilesAsync(IReadOnlyList<AddedRow> rows, CancellationToken cancellationToken)
    {
        List<KnowledgeFile> files = [];
        foreach (var row in rows)
            files.Add(await blobs.GetAsync(row.FileRef, cancellationToken) is { } bytes ? JsonSerializer.Deserialize<KnowledgeFile>(bytes, AiOsJson.Options)!
                : throw new InvalidDataException($"{row.Path}: its text {row.FileRef} is not stored; add it again."));
        return files;
    }
}
