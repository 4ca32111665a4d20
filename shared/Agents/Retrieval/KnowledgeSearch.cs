using AiOs.Agents.Retrieval.Indexing;
using AiOs.Agents.Retrieval.Ranking;
using Microsoft.Extensions.AI;

namespace AiOs.Agents.Retrieval;

/// <summary>Finds the passages that answer a query: words, topics and sentence vectors of every passage in one ranking.</summary>
public sealed class KnowledgeSearch(IEmbeddingGenerator<string, Embedding<float>> encoder, IndexCache indexes, RetrievalOptions options) : IKnowledgeSearch
{
    const int PassagesPerDocument = 4;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Passage>> SearchAsync(string indexRef, string query, int top, IReadOnlyCollection<string> roles, CancellationToken cancellationToken)
    {
        var index = await OpenAsync(indexRef, cancellationToken);
        query = QueryText.Read(query);
        return top < 1 || !QueryText.IsLegible(query) ? [] : Search(index, query, (await VectorAsync(query, cancellationToken)).Span, top, roles);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> DocumentsAsync(string indexRef, string query, int top, IReadOnlyCollection<string> roles, CancellationToken cancellationToken)
    {
        var index = await OpenAsync(indexRef, cancellationToken);
        query = QueryText.Read(query);
        if (top < 1 || !QueryText.IsLegible(query))
            return [];
        var vector = await VectorAsync(query, cancellationToken);
        var passages = new HybridRanking(index, options).Rank(Terms.Asked(query), vector.Span, Readers.Of(index, roles), top * PassagesPerDocument);
        return [.. passages.Select(p => index.DocumentOf[p.Passage]).Distinct().Take(top).Select(d => index.Documents[d].Path)];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<(string Path, int Passages, IReadOnlyList<string> Roles)>> ListAsync(string indexRef, IReadOnlyCollection<string> roles, CancellationToken cancellationToken)
    {
        var index = await indexes.OpenAsync(indexRef, cancellationToken);
        var readable = Readers.Of(index, roles);
        return [.. index.Documents.Where((_, i) => readable?[i] ?? true).Select(d => (d.Path, d.Passages, d.Roles))];
    }

    /// <inheritdoc/>
    public Task CheckAsync(string indexRef, CancellationToken cancellationToken) => OpenAsync(indexRef, cancellationToken);

    async Task<LoadedIndex> OpenAsync(string indexRef, CancellationToken cancellationToken)
    {
        var index = await indexes.OpenAsync(indexRef, cancellationToken);
        return index.Encoder == KnowledgeIndexer.EncoderVersion(encoder) ? index
            : throw new InvalidDataException($"The knowledge index {indexRef} was built for the encoder {index.Encoder}; deploy the app again.");
    }

    async Task<ReadOnlyMemory<float>> VectorAsync(string query, CancellationToken cancellationToken) =>
        options.VectorShare > 0 ? (await encoder.GenerateAsync([query], cancellationToken: cancellationToken))[0].Vector : default;

    List<Passage> Search(LoadedIndex index, string query, ReadOnlySpan<float> vector, int top, IReadOnlyCollection<string> roles)
    {
        var stems = Terms.Asked(query);
        var weights = new QueryWeights(stem => index.Weight(index.Stem(stem)), stems);
        List<Passage> found = [];
        foreach (var (passage, _) in new HybridRanking(index, options).Rank(stems, vector, Readers.Of(index, roles), top))
        {
            var (document, section, text, start) = index.Passage(passage);
            var score = PassageScore.Of(Similarities.OfPassage(index, vector, passage), weights.Coverage(Terms.Of(section).Concat(Terms.Of(text))));
            if (score >= options.LeastScore)
                found.Add(new Passage(document.Path, section, text, start, start + text.Length, score));
        }

        return found;
    }
}
