using System.Security.Cryptography;
using System.Text;
using AiOs.DataPlane;
using Microsoft.Extensions.AI;

namespace AiOs.Agents.Retrieval;

/// <summary>Builds the index over an app's knowledge: passages by heading, their words and their vectors. The same files with the same encoder are built once.</summary>
public sealed class KnowledgeIndexer(IEmbeddingGenerator<string, Embedding<float>> encoder, IBlobStore blobs, Database database, IndexCache indexes, TimeProvider time)
{
    /// <summary>Changes whenever the same files would give another index.</summary>
    const string Format = "1";

    const int Batch = 64;
    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Indexes <paramref name="files"/>; the order of the files does not matter.</summary>
    /// <param name="files">Markdown files; their paths must differ.</param>
    /// <param name="progress">The share that is done, in [0, 1].</param>
    /// <param name="cancellationToken">Stops the work; nothing is kept.</param>
    /// <exception cref="InvalidDataException">A file cannot be read as Markdown; the message names it.</exception>
    public async Task<KnowledgeIndex> BuildAsync(IReadOnlyList<KnowledgeFile> files, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var ordered = files.OrderBy(f => f.Path, StringComparer.Ordinal).ToList();
        var version = EncoderVersion(encoder);
        var inputs = Digest(ordered, version);
        if (await KnownAsync(inputs, cancellationToken) is { } known)
        {
            progress?.Report(1);
            return known;
        }

        using var draft = new IndexDraft();
        foreach (var file in ordered)
            draft.Add(file, MarkdownChunks.Of(file));
        var vectors = new List<ReadOnlyMemory<float>>(draft.Texts.Count);
        foreach (var batch in draft.Texts.Chunk(Batch))
        {
            var embedded = await encoder.GenerateAsync(batch, cancellationToken: cancellationToken);
            vectors.AddRange(embedded.Select(e => e.Vector));
            progress?.Report((double)vectors.Count / draft.Texts.Count);
        }

        var reference = await blobs.PutAsync(draft.Finish(version, vectors), cancellationToken);
        var index = new KnowledgeIndex(reference, ordered.Count, vectors.Count, FromCache: false);
        await database.RememberAsync(inputs, index, time.GetUtcNow(), cancellationToken);
        progress?.Report(1);
        return index;
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
            using var lease = await indexes.OpenAsync(reference, cancellationToken);
            return new KnowledgeIndex(reference, lease.Index.Documents, lease.Index.Chunks, FromCache: true);
        }
        catch (InvalidDataException)
        {
            return null;   // lost or damaged: built again
        }
    }

    static string Digest(IReadOnlyList<KnowledgeFile> files, string version)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, Format, "format");
        Add(hash, version, "encoder");
        string? previous = null;
        foreach (var file in files)
        {
            if (file.Path == previous)
                throw new ArgumentException($"{file.Path} is given twice.", nameof(files));
            previous = file.Path;
            Add(hash, file.Path, file.Path);
            Add(hash, file.Text, file.Path);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    static void Add(IncrementalHash hash, string text, string path)
    {
        try
        {
            var bytes = Utf8.GetBytes(text);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }
        catch (EncoderFallbackException broken)
        {
            throw new InvalidDataException($"{path}: the text is not valid Unicode.", broken);
        }
    }
}
