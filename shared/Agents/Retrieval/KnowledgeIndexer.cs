using AiOs.Agents.Retrieval.Indexing;
using AiOs.DataPlane;
using Microsoft.Extensions.AI;

namespace AiOs.Agents.Retrieval;

/// <summary>Builds the index over an app's knowledge: passages by heading, their words and their vectors. The same files with the same encoder are built once.</summary>
public sealed class KnowledgeIndexer(IEmbeddingGenerator<string, Embedding<float>> encoder, IBlobStore blobs, Database database, IndexCache indexes, RetrievalOptions options, TimeProvider time) : IKnowledgeIndexer
{
    /// <summary>Changes whenever the same files would give another index.</summary>
    const string Format = "3";

    const int Batch = 64;

    /// <inheritdoc/>
    public async Task<KnowledgeIndex> BuildAsync(IReadOnlyList<KnowledgeFile> files, string? previous, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var ordered = files.OrderBy(f => f.Path, StringComparer.Ordinal).ToList();
        var version = EncoderVersion(encoder);
        var digests = ordered.ConvertAll(FileDigest.Of);
        var inputs = FileDigest.OfAll(ordered, digests, Format, version);
        if (await KnownAsync(inputs, cancellationToken) is { } known)
        {
            progress?.Report(1);
            return known;
        }

        var draft = new IndexDraft();
        for (var i = 0; i < ordered.Count; i++)
            draft.Add(ordered[i], digests[i], Chunks.Of(ordered[i]));
        return await FinishAsync(draft, inputs, ordered.Count, version, await EarlierAsync(previous, version, cancellationToken), progress, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<KnowledgeIndex> ExtendAsync(string indexRef, IReadOnlyList<string> digests, Func<Task<IReadOnlyList<KnowledgeFile>>> files, CancellationToken cancellationToken)
    {
        var version = EncoderVersion(encoder);
        var inputs = FileDigest.OfAll([], [indexRef, .. digests], Format, version);
        if (await KnownAsync(inputs, cancellationToken) is { } known)
            return known;
        var whole = await indexes.OpenAsync(indexRef, cancellationToken);
        var draft = new IndexDraft();
        for (var document = 0; document < whole.Documents.Count; document++)
            draft.Add(whole, document);
        var further = await files();
        foreach (var file in further)
            draft.Add(file, FileDigest.Of(file), Chunks.Of(file));
        return await FinishAsync(draft, inputs, whole.Documents.Count + further.Count, version, whole, null, cancellationToken);
    }

    /// <summary>Nothing: an index here is one blob, from which nothing can be taken out; the next one is built without the document.</summary>
    public Task ForgetAsync(string digest, CancellationToken cancellationToken) => Task.CompletedTask;

    async Task<KnowledgeIndex> FinishAsync(IndexDraft draft, string inputs, int documents, string version, LoadedIndex? earlier, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var vectors = await VectorsAsync(draft, earlier, progress, cancellationToken);
        var reference = await blobs.PutAsync(draft.Finish(version, vectors.All, options.MostExact), cancellationToken);
        var index = new KnowledgeIndex(reference, documents, vectors.All.Length, vectors.Fresh, FromCache: false);
        await database.RememberAsync(inputs, index, time.GetUtcNow(), cancellationToken);
        progress?.Report(1);
        return index;
    }

    /// <summary>The vectors of a draft's passages, those of unchanged documents from an earlier index.</summary>
    async Task<(ReadOnlyMemory<float>[] All, int Fresh)> VectorsAsync(IndexDraft draft, LoadedIndex? earlier, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var vectors = new ReadOnlyMemory<float>[draft.Texts.Count];
        if (earlier is not null)
            draft.Reuse(earlier, vectors);
        var fresh = Enumerable.Range(0, vectors.Length).Where(i => vectors[i].IsEmpty).ToList();
        var done = vectors.Length - fresh.Count;
        foreach (var batch in fresh.Chunk(Batch))
        {
            var embedded = await encoder.GenerateAsync(batch.Select(i => draft.Texts[i]), cancellationToken: cancellationToken);
            for (var n = 0; n < batch.Length; n++)
                vectors[batch[n]] = embedded[n].Vector;
            progress?.Report((double)(done += batch.Length) / vectors.Length);
        }

        return (vectors, fresh.Count);
    }

    async Task<LoadedIndex?> EarlierAsync(string? reference, string version, CancellationToken cancellationToken)
    {
        try
        {
            return reference is not null && await indexes.OpenAsync(reference, cancellationToken) is { } earlier && earlier.Encoder == version ? earlier : null;
        }
        catch (InvalidDataException)
        {
            return null;   // gone, or of an earlier format: all is encoded again
        }
    }

    /// <summary>Names the encoder; vectors of two encoders cannot be compared.</summary>
    internal static string EncoderVersion(IEmbeddingGenerator<string, Embedding<float>> encoder) =>
        (encoder.GetService(typeof(EmbeddingGeneratorMetadata)) as EmbeddingGeneratorMetadata)?.DefaultModelId ?? encoder.GetType().FullName!;

    async Task<KnowledgeIndex?> KnownAsync(string inputs, CancellationToken cancellationToken)
    {
        if (await database.FindAsync(inputs, cancellationToken) is not { } reference)
            return null;
        try
        {
            var index = await indexes.OpenAsync(reference, cancellationToken);
            return new KnowledgeIndex(reference, index.Documents.Count, index.Passages, 0, FromCache: true);
        }
        catch (InvalidDataException)
        {
            return null;   // lost or damaged: built again
        }
    }
}
