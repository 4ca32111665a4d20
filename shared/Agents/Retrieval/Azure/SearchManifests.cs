using AiOs.DataPlane;
using AiOs.Models;

namespace AiOs.Agents.Retrieval.Azure;

/// <summary>The manifests in use.</summary>
sealed class SearchManifests(IBlobStore blobs, SearchService service)
{
    const int Remembered = 64;

    readonly RecentlyUsed<SearchManifest> known = new(Remembered);

    /// <summary>The manifest of an index of this service and encoder.</summary>
    /// <exception cref="InvalidDataException">There is none, or it is of another.</exception>
    public async Task<SearchManifest> OpenAsync(string reference, CancellationToken cancellationToken)
    {
        if (known.Find(reference) is { } found)
            return found;
        var blob = await blobs.GetAsync(reference, cancellationToken) ?? throw new InvalidDataException($"There is no knowledge index {reference}.");
        var manifest = SearchManifest.Read(blob) ?? throw new InvalidDataException($"The knowledge index {reference} is not one of a search service; deploy the app again.");
        if (manifest.Index != service.IndexName || manifest.Encoder != service.Encoder)
            throw new InvalidDataException($"The knowledge index {reference} was built for the encoder {manifest.Encoder} in {manifest.Index}; deploy the app again.");
        known.Keep(reference, manifest);
        return manifest;
    }

    /// <summary>Stores a manifest.</summary>
    public async Task<string> PutAsync(SearchManifest manifest, CancellationToken cancellationToken) => await blobs.PutAsync(manifest.ToBytes(), cancellationToken);
}
