using AiOs.Agents.Retrieval;
using AiOs.Agents.Retrieval.Azure;
using AiOs.Agents.Retrieval.Indexing;
using AiOs.DataPlane;
using AiOs.DataPlane.Blobs;
using AiOs.Security;
using AiOs.Shared.Tests.Models;
using AiOs.Shared.Tests.Retrieval.Azure;
using Microsoft.Extensions.Configuration;

namespace AiOs.Shared.Tests.Retrieval;

/// <summary>A knowledge of its own: database, blobs, indexer, search.</summary>
sealed class Library : IAsyncDisposable
{
    readonly TestDatabase database;

    readonly SearchService? service;

    Library(TestDatabase database, RetrievalOptions options, SearchService? service = null)
    {
        (this.database, this.service) = (database, service);
        Blobs = new FileBlobs(database.Data);
        Indexes = new IndexCache(Blobs, options);
        if (service is null)
            (Indexer, Search) = (new KnowledgeIndexer(Encoder.Shared, Blobs, database.Database, Indexes, options, TimeProvider.System), new KnowledgeSearch(Encoder.Shared, Indexes, options));
        else if (new SearchManifests(Blobs, service) is var manifests)
            (Indexer, Search) = (new AzureKnowledgeIndexer(service, manifests, new PassageUpload(service), Encoder.Shared, database.Database), new AzureKnowledgeSearch(service, manifests, Encoder.Shared, options));
        Added = new AddedKnowledge(database.Database, Blobs, Indexer, TimeProvider.System);
    }

    public IBlobStore Blobs { get; }

    public IndexCache Indexes { get; }

    public IKnowledgeIndexer Indexer { get; } = null!;

    public IKnowledgeSearch Search { get; } = null!;

    public AddedKnowledge Added { get; }

    public string BlobFolder => database.Data.File("blobs");

    public static async Task<Library> OpenAsync(RetrievalOptions? options = null) =>
        new(await TestDatabase.SqliteAsync(KnowledgeTables.Migrations), options ?? new RetrievalOptions());

    /// <summary>On a search service.</summary>
    public static async Task<Library> OpenAsync(SearchServer server, TimeProvider? clock = null)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal) { ["AIOS_SEARCH_ENDPOINT"] = server.Url, ["AIOS_SEARCH_KEY"] = SearchServer.Key }).Build();
        var service = new SearchService(SearchServiceSettings.Of(configuration)!, Encoder.Shared, configuration, new EnvironmentSecrets(configuration), clock ?? TimeProvider.System, server.Handler());
        return new(await TestDatabase.SqliteAsync(KnowledgeTables.Migrations), new RetrievalOptions(), service);
    }

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
        service?.Dispose();
        await database.DisposeAsync();
    }
}
