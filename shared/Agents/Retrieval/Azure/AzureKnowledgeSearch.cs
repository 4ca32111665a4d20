using System.Numerics.Tensors;
using AiOs.Agents.Retrieval.Ranking;
using AiOs.Security;
using Azure.Search.Documents;
using Azure.Search.Documents.Models;
using Microsoft.Extensions.AI;

namespace AiOs.Agents.Retrieval.Azure;

/// <summary>Searches in Azure AI Search: words (BM25) and vectors in one hybrid query, joined by the service (reciprocal rank fusion), filtered by documents and readers before anything is ranked.
/// Scores are our own, on the same scale as without the service, so that the same thresholds hold.</summary>
sealed class AzureKnowledgeSearch(SearchService service, SearchManifests manifests, IEmbeddingGenerator<string, Embedding<float>> encoder, RetrievalOptions options) : IKnowledgeSearch
{
    /// <summary>How many neighbours by vector join the fusion, and how many results one answer holds.</summary>
    const int LeastNeighbours = 50, MostResults = 1_000, PassagesPerDocument = 4;

    /// <summary>The service takes at most 1,024 clauses.</summary>
    const int MostWords = 200;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Passage>> SearchAsync(string indexRef, string query, int top, IReadOnlyCollection<string> roles, CancellationToken cancellationToken)
    {
        var manifest = await manifests.OpenAsync(indexRef, cancellationToken);
        query = QueryText.Read(query);
        var (found, vector) = await AskAsync(manifest, query, top, roles, cancellationToken);
        var weights = new QueryWeights(manifest.Weight, Terms.Asked(query));
        return [.. found.Select(p => new Passage(p.Document, p.Section, p.Text, p.Start, p.Start + p.Text.Length, Score(p, vector.Span, weights))).Where(p => p.Score >= options.LeastScore)];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> DocumentsAsync(string indexRef, string query, int top, IReadOnlyCollection<string> roles, CancellationToken cancellationToken)
    {
        var manifest = await manifests.OpenAsync(indexRef, cancellationToken);
        var (found, _) = await AskAsync(manifest, QueryText.Read(query), top * PassagesPerDocument, roles, cancellationToken);
        return [.. found.Select(p => p.Document).Distinct(StringComparer.Ordinal).Take(top)];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<(string Path, int Passages, IReadOnlyList<string> Roles)>> ListAsync(string indexRef, IReadOnlyCollection<string> roles, CancellationToken cancellationToken)
    {
        var all = roles.Contains(Role.Owner.Name(), StringComparer.Ordinal);
        return [.. (await manifests.OpenAsync(indexRef, cancellationToken)).Documents
            .Where(d => all || d.Roles.Count == 0 || d.Roles.Any(role => roles.Contains(role, StringComparer.Ordinal))).Select(d => (d.Path, d.Passages, d.Roles))];
    }

    /// <inheritdoc/>
    public Task CheckAsync(string indexRef, CancellationToken cancellationToken) => manifests.OpenAsync(indexRef, cancellationToken);

    async Task<(IReadOnlyList<SearchPassage> Found, ReadOnlyMemory<float> Vector)> AskAsync(SearchManifest manifest, string query, int top, IReadOnlyCollection<string> roles, CancellationToken cancellationToken)
    {
        if (top < 1 || !QueryText.IsLegible(query) || manifest.Passages == 0)
            return ([], default);
        top = Math.Min(top, MostResults);
        var asked = new SearchOptions { Filter = PassageFilter.Of(manifest, roles), Size = top, SearchMode = SearchMode.Any, QueryType = SearchQueryType.Simple };
        foreach (var field in new[] { "section", "text" })
            asked.SearchFields.Add(field);
        foreach (var field in new[] { "document", "section", "text", "start", "vector" })
            asked.Select.Add(field);
        var vector = options.VectorShare > 0 ? (await encoder.GenerateAsync([query], cancellationToken: cancellationToken))[0].Vector : default;
        if (!vector.IsEmpty)
            asked.VectorSearch = new() { FilterMode = VectorFilterMode.PreFilter, Queries = { new VectorizedQuery(vector) { KNearestNeighborsCount = Math.Max(LeastNeighbours, top), Fields = { "vector" } } } };
        // Words alone: nothing that the service could take for an operator.
        var words = string.Join(' ', Terms.WordsOf(query).Take(MostWords));
        return (await SearchService.AskAsync("search", async () =>
        {
            List<SearchPassage> found = [];
            await foreach (var result in (await service.Queries.SearchAsync<SearchPassage>(words, asked, cancellationToken)).Value.GetResultsAsync())
                found.Add(result.Document);
            return found;
        }), vector);
    }

    static double Score(SearchPassage passage, ReadOnlySpan<float> vector, QueryWeights weights) => PassageScore.Of(
        vector.Length == passage.Vector.Count ? TensorPrimitives.Dot(vector, passage.Vector.ToArray()) : 0,
        weights.Coverage(Terms.Of(passage.Section).Concat(Terms.Of(passage.Text))));
}
