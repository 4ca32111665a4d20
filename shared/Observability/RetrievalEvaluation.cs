using AiOs.Agents.Retrieval;

namespace AiOs.Observability;

/// <summary>How good a ranking is.</summary>
/// <param name="Documents">How many documents were searched.</param>
/// <param name="Queries">How many judged queries were asked.</param>
/// <param name="Ndcg10">Normalised discounted cumulative gain of the first ten documents, relevance being yes or no; the mean over the queries.</param>
/// <param name="Recall100">The share of the relevant documents among the first hundred; the mean over the queries.</param>
/// <param name="P50Ms">Milliseconds of the median query, from text to ranking, on one thread.</param>
/// <param name="IndexSeconds">What indexing took.</param>
public sealed record RetrievalReport(int Documents, int Queries, double Ndcg10, double Recall100, double P50Ms, double IndexSeconds);

/// <summary>Measures the search on a test collection with judged queries.</summary>
public sealed class RetrievalEvaluation(IKnowledgeIndexer indexer, IKnowledgeSearch search, TimeProvider clock)
{
    const int Depth = 100, Front = 10;

    /// <summary>Indexes <paramref name="corpus"/> and asks every query.</summary>
    /// <param name="corpus">The documents.</param>
    /// <param name="queries">The judged queries; those without a relevant document are left out.</param>
    /// <param name="progress">The share that is done, in [0, 1].</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public async Task<RetrievalReport> RunAsync(IReadOnlyList<JudgedDocument> corpus, IReadOnlyList<JudgedQuery> queries, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var begun = clock.GetTimestamp();
        var files = corpus.Where(d => !string.IsNullOrWhiteSpace(d.Text)).Select(d => new KnowledgeFile(d.Id, string.IsNullOrWhiteSpace(d.Title) ? d.Text : $"{d.Title.ReplaceLineEndings(" ").Trim()}\n\n{d.Text}") { Format = KnowledgeFormat.Plain }).ToList();
        var index = await indexer.BuildAsync(files, null, progress, cancellationToken);
        var built = clock.GetElapsedTime(begun);
        var (gains, recalls, times) = (new List<double>(), new List<double>(), new List<double>());
        foreach (var query in queries.Where(q => q.Relevant.Count > 0))
        {
            var asked = clock.GetTimestamp();
            var ranking = await search.DocumentsAsync(index.Ref, query.Query, Depth, [], cancellationToken);
            times.Add(clock.GetElapsedTime(asked).TotalMilliseconds);
            var relevant = query.Relevant.ToHashSet(StringComparer.Ordinal);
            gains.Add(Gain(ranking.Take(Front).Select(relevant.Contains)) / Gain(Enumerable.Repeat(true, Math.Min(Front, relevant.Count))));
            recalls.Add((double)ranking.Count(relevant.Contains) / relevant.Count);
        }

        return gains.Count == 0 ? throw new InvalidDataException("No query has a relevant document.")
            : new(corpus.Count, gains.Count, Math.Round(gains.Average(), 4), Math.Round(recalls.Average(), 4), Math.Round(times.Order().ElementAt(times.Count / 2), 3), Math.Round(built.TotalSeconds, 2));
    }

    static double Gain(IEnumerable<bool> hits) => hits.Select((hit, place) => hit ? 1 / Math.Log2(place + 2) : 0).Sum();
}
