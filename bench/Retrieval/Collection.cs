using System.Diagnostics;
using AiOs.Agents.Retrieval;
using AiOs.DataPlane;
using AiOs.Models.Sentences;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Bench.Retrieval;

/// <summary>An indexed collection of synthetic documents and how long its queries take, one after the other on one thread.</summary>
sealed class Collection : IAsyncDisposable
{
    readonly Workplace place;
    readonly ServiceProvider services;
    readonly string reference;

    Collection(Workplace place, ServiceProvider services, string reference, double megabytes) => (this.place, this.services, this.reference, Megabytes) = (place, services, reference, megabytes);

    /// <summary>Megabytes of the index, all of which is in memory.</summary>
    public double Megabytes { get; }

    public static async Task<Collection> BuildAsync(IReadOnlyList<string> texts, RetrievalOptions options, string folder, CancellationToken cancellationToken)
    {
        var home = new Workplace(folder);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal) { [DataPlaneSetup.DataDirectoryKey] = home.Folder }).Build();
        var provider = new ServiceCollection().AddSingleton(TimeProvider.System).AddDataPlane(configuration).AddRetrieval(configuration).AddSingleton(options.Checked())
            .AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(_ => new PassageVectors(new SentenceEncoder(SentenceEncoder.DefaultDirectory))).BuildServiceProvider();
        await provider.GetRequiredService<Database>().MigrateAsync(cancellationToken);
        var index = await provider.GetRequiredService<IKnowledgeIndexer>()
            .BuildAsync([.. texts.Select((text, i) => new KnowledgeFile($"{i}.txt", text) { Format = KnowledgeFormat.Plain })], null, null, cancellationToken);
        var blob = await provider.GetRequiredService<IBlobStore>().GetAsync(index.Ref, cancellationToken);
        return new(home, provider, index.Ref, blob!.Length / 1e6);
    }

    public async Task<Spread> MillisecondsAsync(IEnumerable<string> queries, CancellationToken cancellationToken)
    {
        var search = services.GetRequiredService<IKnowledgeSearch>();
        List<double> times = [];
        foreach (var query in queries)
        {
            var begun = Stopwatch.GetTimestamp();
            await search.SearchAsync(reference, query, 10, [], cancellationToken);
            times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }

        return Spread.Of(times);
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        place.Dispose();
    }
}
