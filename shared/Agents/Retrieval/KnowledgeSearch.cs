using System.Text;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.AI;

namespace AiOs.Agents.Retrieval;

/// <summary>Finds the passages that answer a query: BM25 over the words (SQLite FTS5, Porter stems) and cosine over sentence vectors, fused by reciprocal rank
/// (Cormack, Clarke, Buettcher, "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods", SIGIR 2009; k = 60).</summary>
public sealed class KnowledgeSearch(IEmbeddingGenerator<string, Embedding<float>> encoder, IndexCache indexes, RetrievalOptions options)
{
    const double K = 60;

    /// <summary>The best passages for <paramref name="query"/>, best first; none where nothing scores <see cref="RetrievalOptions.LeastScore"/>. Any text is a valid query.</summary>
    /// <param name="indexRef">What <see cref="KnowledgeIndexer"/> returned.</param>
    /// <param name="query">Words or a question; the first 2,000 characters count.</param>
    /// <param name="top">How many at most.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    /// <exception cref="InvalidDataException">There is no such index, it is damaged, or it was built for another encoder.</exception>
    public async Task<IReadOnlyList<Passage>> SearchAsync(string indexRef, string query, int top, CancellationToken cancellationToken)
    {
        using var lease = await indexes.OpenAsync(indexRef, cancellationToken);
        var index = lease.Index;
        if (index.Encoder != KnowledgeIndexer.EncoderVersion(encoder))
            throw new InvalidDataException($"The knowledge index {indexRef} was built for the encoder {index.Encoder}; deploy the app again.");
        query = QueryText.Read(query);
        if (top < 1 || !QueryText.IsLegible(query))
            return [];
        var vector = (await encoder.GenerateAsync([query], cancellationToken: cancellationToken))[0].Vector;
        return index.Read(connection => Search(connection, index, query, vector.Span, top));
    }

    List<Passage> Search(SqliteConnection connection, LoadedIndex index, string query, ReadOnlySpan<float> vector, int top)
    {
        var depth = Math.Max(options.Depth, top);
        var weights = QueryWeights.Of(connection, index.Chunks, query);
        var fused = new Dictionary<int, double>();
        Fuse(fused, ByWords(connection, query, depth), 1);
        Fuse(fused, index.Nearest(vector, depth), options.VectorShare);
        List<Passage> found = [];
        foreach (var (id, _) in fused.OrderByDescending(f => f.Value).ThenBy(f => f.Key).Take(top))
        {
            var row = connection.QuerySingle<Row>("SELECT d.path, p.section, p.first, p.content FROM passages p JOIN documents d ON d.id = p.document WHERE p.id = @id", new { id });
            var text = Encoding.UTF8.GetString(row.Content);
            var score = PassageScore.Of(index.Similarity(vector, id), weights.Coverage(Terms.Of(row.Section).Concat(Terms.Of(text))));
            if (score >= options.LeastScore)
                found.Add(new Passage(row.Path, row.Section, text, (int)row.First, (int)row.First + text.Length, score));
        }

        return found;
    }

    static void Fuse(Dictionary<int, double> fused, IReadOnlyList<int> ranking, double share)
    {
        for (var rank = 0; rank < ranking.Count; rank++)
            fused[ranking[rank]] = fused.GetValueOrDefault(ranking[rank]) + (share / (K + rank + 1));
    }

    /// <summary>Every word is quoted, so nothing in it is syntax; mere grammar is left out unless there is nothing else.</summary>
    static List<int> ByWords(SqliteConnection connection, string query, int depth)
    {
        var words = Terms.WordsOf(query).Distinct(StringComparer.Ordinal).ToList();
        var telling = words.Where(w => !Terms.IsStopword(w)).ToList();
        var match = string.Join(" OR ", (telling.Count > 0 ? telling : words).Select(w => $"\"{w}\""));
        return match.Length == 0 ? [] : [.. connection.Query<long>("SELECT rowid FROM words WHERE words MATCH @match ORDER BY rank, rowid LIMIT @depth", new { match, depth }).Select(id => (int)id)];
    }

    sealed record Row(string Path, string Section, long First, byte[] Content);
}
