using System.Globalization;
using Spectre.Console;

namespace AiOs.Bench.Inference;

/// <summary>One way of serving, over all rounds.</summary>
sealed record InferenceLevel(string Name, double PerSecond, double P50Ms, double P99Ms, Spread Spread);

/// <summary>What <c>aios bench inference</c> found. The first four members are the headline: over the binary extension, with batching.</summary>
/// <param name="ShareOfLimit">Sentences a second of those of the limit.</param>
/// <param name="ShareOfLimitJson">The same over JSON.</param>
/// <param name="LimitPerSecond">The same session in process at batch 64, lengths as they come, the better of one run on two threads and two runs on one.</param>
/// <param name="BucketedPerSecond">In process with what the server does, too: sorted by length, small batches, two runs on one thread. The server is judged against the stated limit; this says what is left.</param>
/// <param name="BatchingGain">Sentences a second with batching, of those without.</param>
sealed record InferenceReport(
    double ShareOfLimit, double PerSecond, double P50Ms, double P99Ms, double ShareOfLimitJson, double LimitPerSecond, double LimitOneByTwo, double LimitTwoByOne, double BucketedPerSecond, double ShareOfBucketed,
    double BatchingGain, double P99OverP50, int Callers, double Seconds, int Rounds, double MeanTokens, IReadOnlyList<InferenceLevel> Levels, Machine Machine)
{
    /// <summary>For a person.</summary>
    public void Write(IAnsiConsole console)
    {
        console.WriteLine(Machine.ToString());
        console.WriteLine(Text($"{Rounds} rounds of {Seconds:0.#} s each; {Callers} callers, one sentence a request, {MeanTokens:0.0} tokens on average."));
        console.WriteLine(Text($"In process, batch 64: {LimitOneByTwo:0}/s as one run on two threads, {LimitTwoByOne:0}/s as two runs on one; sorted by length into small batches {BucketedPerSecond:0}/s."));
        var table = new Table().AddColumn("served");
        foreach (var name in new[] { "per s", "spread", "p50 ms", "p99 ms" })
            table.AddColumn(new TableColumn(name).RightAligned());
        foreach (var level in Levels)
            table.AddRow(level.Name, Text($"{level.PerSecond:0}"), Text($"{level.Spread.Lowest:0}-{level.Spread.Highest:0}"), Text($"{level.P50Ms:0.0}"), Text($"{level.P99Ms:0.0}"));
        console.Write(table);
        console.WriteLine(Text($"Share of the limit: {ShareOfLimit:P0} (JSON {ShareOfLimitJson:P0}; of the bucketed limit {ShareOfBucketed:P0}). Batching gains {BatchingGain:0.00}x; p99 is {P99OverP50:0.0}x p50."));
    }

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
