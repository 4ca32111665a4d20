using AiOs.Agents.Retrieval;
using AiOs.Agents.Retrieval.Indexing;
using AiOs.DataPlane;
using AiOs.DataPlane.Blobs;
using AiOs.Shared.Tests.Models;

namespace AiOs.Shared.Tests.Retrieval;

/// <summary>A knowledge of its own: database, blobs, indexer, search.</summary>
sealed class Library : IAsyncDisposable
{
    readonly TestDatabase database;

    Library(TestDatabase database, RetrievalOptions options)
    {
        this.database = database;
        Blobs = new FileBlobs(database.Data);
        Indexes = new IndexCache(Blobs, options);
        Indexer = new KnowledgeIndexer(Encoder.Shared, Blobs, database.Database, Indexes, options, TimeProvider.System);
        Search = new KnowledgeSearch(Encoder.Shared, Indexes, options);
        Added = new AddedKnowledge(database.Database, Blobs, Indexer, TimeProvider.System);
    }

    public IBlobStore Blobs { get; }

    public IndexCache Indexes { get; }

    public KnowledgeIndexer Indexer { get; }

    public KnowledgeSearch Search { get; }

    public AddedKnowledge Added { get; }

    public string BlobFolder => database.Data.File("blobs");

    public static async Task<Library> OpenAsync(RetrievalOptions? options = null) =>
        new(await TestDatabase.SqliteAsync(KnowledgeTables.Migrations), options ?? new RetrievalOptions());

    /// <summary>The knowledge of the sample apps, by app, as it stands in the repository.</summary>
    public static IReadOnlyList<(string App, IReadOnlyList<KnowledgeFile> Files)> SampleApps()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "AiOs.Serverless.sln")))
            root = root.Parent;
        IEnumerable<string> apps = root is null ? [] : Directory.GetDirectories(Path.Combine(root.FullName, "apps")).Where(a => Directory.Exists(Path.Combine(a, "knowledge"))).Order(StringComparer.Ordinal);
        return [.. apps.Select(a => (Path.GetFileName(a), (IReadOnlyList<KnowledgeFile>)[.. Directory.GetFiles(Path.Combine(a, "knowledge"), "*.md").Select(f => new KnowledgeFile(Path.GetFileName(f), File.ReadAllText(f)))]))];
    }

    public async ValueTask DisposeAsync()
    {
        Indexes.Dispose();
        await database.DisposeAsync();
    }
}
