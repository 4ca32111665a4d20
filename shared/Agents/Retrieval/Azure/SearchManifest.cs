using System.Text.Json;
using AiOs.Agents.Retrieval.Indexing;
using AiOs.DataPlane;

namespace AiOs.Agents.Retrieval.Azure;

/// <summary>What one index is: which documents of the service belong to it. The passages are shared by all versions and apps that have the same document; only this list is each index's own, a blob as others are.</summary>
/// <param name="Kind">Marks the blob: <see cref="Mark"/>.</param>
/// <param name="Index">The service's index that holds the passages.</param>
/// <param name="Encoder">Names the encoder of its vectors.</param>
/// <param name="Documents">In the order of their paths; those added beside the package last.</param>
/// <param name="Stems">How many passages hold each stem.</param>
sealed record SearchManifest(string Kind, string Index, string Encoder, IReadOnlyList<SourceDocument> Documents, IReadOnlyDictionary<string, int> Stems)
{
    public const string Mark = "aios-search-1";

    /// <summary>All passages together.</summary>
    public int Passages { get; } = Documents.Sum(d => d.Passages);

    /// <summary>How much a stem tells in this knowledge, as <see cref="LoadedIndex.Weight(int)"/>.</summary>
    public float Weight(string stem) => LoadedIndex.Weight(Passages, Stems.GetValueOrDefault(stem));

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, AiOsJson.Options);

    /// <summary>The manifest in a blob; null where it is another blob.</summary>
    public static SearchManifest? Read(byte[] blob)
    {
        try
        {
            return blob is [(byte)'{', ..] && JsonSerializer.Deserialize<SearchManifest>(blob, AiOsJson.Options) is { Kind: Mark, Documents: not null, Stems: not null } manifest ? manifest : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>A document of an index.</summary>
/// <param name="Path">Its name.</param>
/// <param name="Source">What its passages are found by in the service.</param>
/// <param name="Digest">SHA-256 of path, text, format and roles.</param>
/// <param name="Passages">How many it has.</param>
/// <param name="Roles">Who may read it; empty for everybody.</param>
sealed record SourceDocument(string Path, string Source, string Digest, int Passages, IReadOnlyList<string> Roles)
{
    const int KeyLength = 40;

    /// <summary>Its document in a package.</summary>
    public static SourceDocument OfPackage(KnowledgeFile file, string digest, int passages) => new(file.Path, "p" + digest[..KeyLength], digest, passages, file.Roles);

    /// <summary>One that was added beside it; apart, so that it can be forgotten while a package has the same text.</summary>
    public static SourceDocument Added(KnowledgeFile file, string digest, int passages) => new(file.Path, AddedSource(digest), digest, passages, file.Roles);

    /// <summary>What the passages of an added document are found by.</summary>
    public static string AddedSource(string digest) => "a" + digest[..KeyLength];
}
