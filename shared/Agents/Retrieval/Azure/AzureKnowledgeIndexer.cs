using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using AiOs.Agents.Retrieval.Indexing;
using AiOs.DataPlane;
using Azure.Search.Documents;
using Microsoft.Extensions.AI;

namespace AiOs.Agents.Retrieval.Azure;

/// <summary>Keeps the passages in Azure AI Search. A document is uploaded once, however many versions and apps have it; an index is the list of its documents (<see cref="SearchManifest"/>). It is
/// there only when the service finds all its passages.</summary>
sealed class AzureKnowledgeIndexer(SearchService service, SearchManifests manifests, PassageUpload upload, IEmbeddingGenerator<string, Embedding<float>> encoder, Database database) : IKnowledgeIndexer
{
    /// <summary>A filter of this many documents is about 200 KB; more slow every search down.</summary>
    const int MostDocuments = 5_000;

    const int Batch = 64;

    static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(100), LongestLook = TimeSpan.FromSeconds(5), MostLooking = TimeSpan.FromMinutes(2);

    /// <summary>The indexes that this process has seen whole.</summary>
    readonly ConcurrentDictionary<string, bool> whole = new(StringComparer.Ordinal);
    readonly SemaphoreSlim working = new(1, 1);

    /// <summary>Changes whenever the same files would give another index.</summary>
    string Format => $"{SearchManifest.Mark} {service.Settings.Endpoint} {service.IndexName}";

    /// <inheritdoc/>
    public async Task<KnowledgeIndex> BuildAsync(IReadOnlyList<KnowledgeFile> files, string? previous, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var ordered = files.OrderBy(f => f.Path, StringComparer.Ordinal).ToList();
        var digests = ordered.ConvertAll(FileDigest.Of);
        var inputs = FileDigest.OfAll(ordered, digests, Format, service.Encoder);
        var work = ordered.Select((file, i) => Cut(file, digests[i], SourceDocument.OfPackage)).ToList();
        var index = await FinishAsync(inputs, [], new Dictionary<string, int>(StringComparer.Ordinal), work, progress, cancellationToken);
        progress?.Report(1);
        return index;
    }

    /// <inheritdoc/>
    public async Task<KnowledgeIndex> ExtendAsync(string indexRef, IReadOnlyList<string> digests, Func<Task<IReadOnlyList<KnowledgeFile>>> files, CancellationToken cancellationToken)
    {
        var inputs = FileDigest.OfAll([], [indexRef, .. digests], Format, service.Encoder);
        if (await KnownAsync(inputs, cancellationToken) is { } known && whole.ContainsKey(known.Reference))
            return Counted(known.Reference, known.Manifest, 0, fromCache: true);
        var before = await manifests.OpenAsync(indexRef, cancellationToken);
        var work = (await files()).Select(file => Cut(file, FileDigest.Of(file), SourceDocument.Added)).ToList();
        return await FinishAsync(inputs, before.Documents, before.Stems, work, null, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task ForgetAsync(string digest, CancellationToken cancellationToken)
    {
        var source = SourceDocument.AddedSource(digest);
        foreach (var reference in await database.IndexesAsync(cancellationToken))
            if (await TryOpenAsync(reference, cancellationToken) is { } manifest && manifest.Documents.Any(d => d.Source == source))
            {
                await database.DropAsync(reference, cancellationToken);
                whole.TryRemove(reference, out _);
            }

        await upload.DeleteAsync(source, cancellationToken);
    }

    async Task<KnowledgeIndex> FinishAsync(string inputs, IReadOnlyList<SourceDocument> before, IReadOnlyDictionary<string, int> stems, IReadOnlyList<Work> work, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var documents = before.Concat(work.Select(w => w.Document)).ToList();
        if (documents.Count > MostDocuments)
            throw new InvalidDataException($"The knowledge has {documents.Count} documents; a search service takes at most {MostDocuments} an app. Join some of them.");
        await working.WaitAsync(cancellationToken);   // one at a time: two deployments never encode the same document twice
        try
        {
            var known = await KnownAsync(inputs, cancellationToken);
            var missing = await MissingAsync(documents, cancellationToken);
            if (missing.FirstOrDefault(before.Contains) is { } lost)
                throw new InvalidDataException($"The search service has lost {lost.Path}; deploy the app again.");
            var fresh = work.Where(w => missing.Contains(w.Document)).ToList();
            var encoded = await UploadAsync(fresh, progress, cancellationToken);
            var reference = known?.Reference;
            if (known is not { } same)
            {
                var manifest = new SearchManifest(SearchManifest.Mark, service.IndexName, service.Encoder, documents, Count(stems, work));
                reference = await manifests.PutAsync(manifest, cancellationToken);
                await database.RememberAsync(inputs, Counted(reference, manifest, encoded, fromCache: false), service.Clock.GetUtcNow(), cancellationToken);
                same = (reference, manifest);
            }

            whole[reference!] = true;
            return Counted(reference!, same.Manifest, encoded, fromCache: known is not null && encoded == 0);
        }
        finally
        {
            working.Release();
        }
    }

    async Task<int> UploadAsync(IReadOnlyList<Work> fresh, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var (all, done) = (fresh.Sum(w => w.Chunks.Count), 0);
        if (all == 0)
            return 0;
        await upload.UploadAsync(PassagesAsync(fresh, cancellationToken), count => progress?.Report((double)(done += count) / (all + 1)), cancellationToken);
        var begun = service.Clock.GetTimestamp();
        for (var pause = FirstLook; await MissingAsync([.. fresh.Select(w => w.Document)], cancellationToken) is { Count: > 0 } unseen; pause = pause * 2 < LongestLook ? pause * 2 : LongestLook)
        {
            if (service.Clock.GetElapsedTime(begun) > MostLooking)
                throw new KnowledgeServiceException($"The search service took {unseen.First().Path} but does not find it yet; try again later.");
            await Task.Delay(pause, service.Clock, cancellationToken);
        }

        return all;
    }

    async IAsyncEnumerable<SearchPassage> PassagesAsync(IReadOnlyList<Work> fresh, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var ensured = false;
        foreach (var batch in fresh.SelectMany(w => w.Chunks.Select((chunk, number) => (Work: w, Chunk: chunk, Number: number))).Chunk(Batch))
        {
            var vectors = await encoder.GenerateAsync(batch.Select(b => IndexDraft.Readable(b.Chunk.Section, b.Work.Text(b.Chunk))), cancellationToken: cancellationToken);
            if (!ensured)
                await SearchService.AskAsync("create the index", () => service.Indexes.CreateOrUpdateIndexAsync(SearchPassage.Index(service.IndexName, vectors[0].Vector.Length), cancellationToken: cancellationToken));
            ensured = true;
            for (var i = 0; i < batch.Length; i++)
                yield return new SearchPassage
                {
                    Id = string.Create(CultureInfo.InvariantCulture, $"{batch[i].Work.Document.Source}-{batch[i].Number}"), Source = batch[i].Work.Document.Source, Document = batch[i].Work.Document.Path,
                    Section = batch[i].Chunk.Section, Text = batch[i].Work.Text(batch[i].Chunk), Start = batch[i].Chunk.Start, Roles = batch[i].Work.Document.Roles, Vector = vectors[i].Vector.ToArray(),
                };
        }
    }

    /// <summary>The documents of which the service does not find every passage.</summary>
    async Task<HashSet<SourceDocument>> MissingAsync(IReadOnlyList<SourceDocument> documents, CancellationToken cancellationToken)
    {
        if (documents.Count == 0)
            return [];
        var options = new SearchOptions { Filter = PassageFilter.Of(documents.Select(d => d.Source)), Size = 0, Facets = { string.Create(CultureInfo.InvariantCulture, $"source,count:{documents.Count}") } };
        IDictionary<string, IList<global::Azure.Search.Documents.Models.FacetResult>>? facets = null;
        try
        {
            facets = (await service.Documents.SearchAsync<SearchPassage>("*", options, cancellationToken)).Value.Facets;
        }
        catch (global::Azure.RequestFailedException none) when (none.Status == 404)
        {
            // No index yet: everything is missing.
        }
        catch (global::Azure.RequestFailedException failed)
        {
            await SearchService.AskAsync("count passages", () => Task.FromException<bool>(failed));
        }

        var counts = facets?["source"].ToDictionary(f => (string)f.Value, f => f.Count ?? 0, StringComparer.Ordinal) ?? [];
        return [.. documents.Where(d => d.Passages > 0 && counts.GetValueOrDefault(d.Source) < d.Passages)];
    }

    async Task<(string Reference, SearchManifest Manifest)?> KnownAsync(string inputs, CancellationToken cancellationToken) =>
        await database.FindAsync(inputs, cancellationToken) is { } reference && await TryOpenAsync(reference, cancellationToken) is { } manifest ? (reference, manifest) : null;

    async Task<SearchManifest?> TryOpenAsync(string reference, CancellationToken cancellationToken)
    {
        try
        {
            return await manifests.OpenAsync(reference, cancellationToken);
        }
        catch (InvalidDataException)
        {
            return null;   // lost, or of another service
        }
    }

    static Dictionary<string, int> Count(IReadOnlyDictionary<string, int> before, IReadOnlyList<Work> work)
    {
        var counts = new SortedDictionary<string, int>(before.ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal);   // in order, so that the same files give the same bytes
        foreach (var stem in work.SelectMany(w => w.Chunks.SelectMany(c => Terms.Of(c.Section).Concat(Terms.Of(w.Text(c))).Distinct(StringComparer.Ordinal))))
            counts[stem] = counts.GetValueOrDefault(stem) + 1;
        return new(counts, StringComparer.Ordinal);
    }

    static KnowledgeIndex Counted(string reference, SearchManifest manifest, int encoded, bool fromCache) => new(reference, manifest.Documents.Count, manifest.Passages, encoded, fromCache);

    static Work Cut(KnowledgeFile file, string digest, Func<KnowledgeFile, string, int, SourceDocument> document)
    {
        var chunks = Retrieval.Chunks.Of(file);
        return new(file, document(file, digest, chunks.Count), chunks);
    }

    /// <summary>A document and its passages.</summary>
    sealed record Work(KnowledgeFile File, SourceDocument Document, IReadOnlyList<Chunk> Chunks)
    {
        public string Text(Chunk chunk) => File.Text[chunk.Start..chunk.End];
    }
}
