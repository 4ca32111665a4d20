using System.Diagnostics;
using System.Globalization;
using AiOs.Agents.Retrieval;
using AiOs.Local.CommandLine;
using Spectre.Console;

namespace AiOs.Bench.Retrieval;

/// <summary>Queries of one length.</summary>
/// <param name="Words">Words of each query.</param>
/// <param name="Milliseconds">From text to passages, the encoder's time included.</param>
/// <param name="Fts5Milliseconds">SQLite FTS5 alone, the words joined by OR.</param>
sealed record QueryLength(int Words, Spread Milliseconds, Spread Fts5Milliseconds);

/// <summary>What <c>aios bench retrieval</c> found.</summary>
/// <param name="Machine">Where.</param>
/// <param name="Chunks">How many passages of 100 words.</param>
/// <param name="IndexSeconds">Building their index, without encoding.</param>
/// <param name="IndexMegabytes">Their index, all of it in memory.</param>
/// <param name="Hybrid">Words, topics and vectors together.</param>
/// <param name="ShortDocumentsPerSecond">Queries of three words over 20,000 documents of twelve, words and topics.</param>
/// <param name="Fts5ShortDocumentsPerSecond">The same by FTS5.</param>
/// <param name="LoadAfter">Processes that wanted to run in the last minute at the end.</param>
sealed record RetrievalReport(Machine Machine, int Chunks, double IndexSeconds, double IndexMegabytes, IReadOnlyList<QueryLength> Hybrid, double ShortDocumentsPerSecond, double Fts5ShortDocumentsPerSecond, double? LoadAfter)
{
    const int ShortDocuments = 20_000, Warm = 20;

    public static async Task<RetrievalReport> MeasureAsync(int chunks, int queries, string folder, Shell shell, CancellationToken cancellationToken)
    {
        var machine = Machine.Describe(folder);
        shell.Note(machine.ToString());
        var (texts, asked) = (new SyntheticText(1), new SyntheticText(2));
        string[] passages = [.. Enumerable.Range(0, chunks).Select(_ => texts.Words(100))];
        var begun = Stopwatch.GetTimestamp();
        List<QueryLength> lengths = [];
        double seconds, megabytes;
        await using (var collection = await Collection.BuildAsync(passages, new RetrievalOptions { LeastScore = 0 }, folder, cancellationToken))
        {
            (seconds, megabytes) = (Stopwatch.GetElapsedTime(begun).TotalSeconds, collection.Megabytes);
            shell.Note(string.Create(CultureInfo.InvariantCulture, $"indexed in {seconds:0} s"));
            using var fts5 = new Fts5(passages);
            foreach (var words in new[] { 3, 5, 8 })
            {
                string[] batch = [.. Enumerable.Range(0, queries + Warm).Select(_ => asked.Words(words))];
                await collection.MillisecondsAsync(batch.Take(Warm), cancellationToken);
                lengths.Add(new(words, await collection.MillisecondsAsync(batch.Skip(Warm), cancellationToken), fts5.Milliseconds(batch.Skip(Warm))));
            }
        }

        var (shorts, fts5Shorts) = await ShortAsync(texts, asked, queries * 10, folder, cancellationToken);
        return new(machine, chunks, Math.Round(seconds, 1), Math.Round(megabytes), lengths, Math.Round(shorts), Math.Round(fts5Shorts), Machine.LoadNow());
    }

    static async Task<(double Ours, double Fts5)> ShortAsync(SyntheticText texts, SyntheticText asked, int queries, string folder, CancellationToken cancellationToken)
    {
        string[] documents = [.. Enumerable.Range(0, ShortDocuments).Select(_ => texts.Words(12))];
        await using var collection = await Collection.BuildAsync(documents, new RetrievalOptions { LeastScore = 0, VectorShare = 0 }, folder, cancellationToken);
        string[] batch = [.. Enumerable.Range(0, queries).Select(_ => asked.Words(3))];
        await collection.MillisecondsAsync(batch.Take(queries / 4), cancellationToken);
        var begun = Stopwatch.GetTimestamp();
        await collection.MillisecondsAsync(batch, cancellationToken);
        var ours = queries / Stopwatch.GetElapsedTime(begun).TotalSeconds;
        using var fts5 = new Fts5(documents);
        begun = Stopwatch.GetTimestamp();
        fts5.Milliseconds(batch);
        return (ours, queries / Stopwatch.GetElapsedTime(begun).TotalSeconds);
    }

    /// <summary>For a person.</summary>
    public void Write(IAnsiConsole console)
    {
        console.WriteLine(Machine.ToString());
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Chunks} passages of 100 words: indexed in {IndexSeconds:0} s without encoding, {IndexMegabytes:0} MB in memory"));
        foreach (var length in Hybrid)
            console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{length.Words} words: {length.Milliseconds.Median:0.0} ms ({length.Milliseconds.Lowest:0.0} to {length.Milliseconds.Highest:0.0}); FTS5 alone {length.Fts5Milliseconds.Median:0.0} ms ({length.Fts5Milliseconds.Lowest:0.0} to {length.Fts5Milliseconds.Highest:0.0})"));
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ShortDocuments} short documents: {ShortDocumentsPerSecond:0} queries/s; FTS5 {Fts5ShortDocumentsPerSecond:0}/s"));
    }
}
