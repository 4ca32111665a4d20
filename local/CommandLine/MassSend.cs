using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace AiOs.Local.CommandLine;

/// <summary>Sends many messages, some at once, and says how they went.</summary>
static class MassSend
{
    /// <summary>How a batch went; latencies in milliseconds, shares from 0 to 1.</summary>
    public sealed record Summary(int Sent, int Failed, double PerSecond, double P50Ms, double P95Ms, double P99Ms, IReadOnlyDictionary<string, int> ByStatus, IReadOnlyDictionary<string, int> ByOutcome, double OutOfScopeShare, IReadOnlyList<string> Errors);

    public static async Task<int> RunAsync(ApiClient api, SendCommand.Message message, IReadOnlyList<string> texts, int concurrency, Shell shell, CancellationToken cancellationToken)
    {
        var results = new ConcurrentBag<(string Status, string Outcome, bool OutOfScope, double Milliseconds, string? Error)>();
        var clock = Stopwatch.StartNew();
        await shell.Progress.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).StartAsync(async progress =>
        {
            var bar = progress.AddTask($"{texts.Count} messages to {message.App}", maxValue: texts.Count);
            await Parallel.ForEachAsync(texts, new ParallelOptions { MaxDegreeOfParallelism = concurrency, CancellationToken = cancellationToken }, async (text, token) =>
            {
                results.Add(await OneAsync(api, message, text, token));
                bar.Increment(1);
            });
        });

        var summary = Summarise([.. results], clock.Elapsed);
        shell.Result(summary, console => Write(console, summary));
        return summary.Failed == 0 ? ExitCode.Ok : ExitCode.Failed;
    }

    static async Task<(string, string, bool, double, string?)> OneAsync(ApiClient api, SendCommand.Message message, string text, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            var outcome = await message.SendAsync(api, text, cancellationToken);
            var status = outcome.GetProperty("status").GetString()!;
            var decision = outcome.TryGetProperty("decision", out var made) ? made.GetProperty("outcome").GetString()! : "none";
            var outOfScope = outcome.TryGetProperty("intent", out var intent) && intent.GetProperty("name").GetString() == "outOfScope";
            var error = status is "failed" or "undoFailed" ? $"{outcome.GetProperty("runId").GetString()}: {status}" : null;
            return (status, decision, outOfScope, Stopwatch.GetElapsedTime(started).TotalMilliseconds, error);
        }
        catch (CommandException e)
        {
            return ("error", "none", false, Stopwatch.GetElapsedTime(started).TotalMilliseconds, e.Message);
        }
    }

    static Summary Summarise(IReadOnlyList<(string Status, string Outcome, bool OutOfScope, double Milliseconds, string? Error)> results, TimeSpan took)
    {
        var times = results.Select(r => r.Milliseconds).Order().ToList();
        return new(
            results.Count,
            results.Count(r => r.Error is not null),
            Math.Round(results.Count / took.TotalSeconds, 1),
            Percentile(times, 0.50), Percentile(times, 0.95), Percentile(times, 0.99),
            Count(results.Select(r => r.Status)),
            Count(results.Select(r => r.Outcome)),
            results.Count == 0 ? 0 : Math.Round((double)results.Count(r => r.OutOfScope) / results.Count, 4),
            [.. results.Where(r => r.Error is not null).Select(r => r.Error!).Distinct(StringComparer.Ordinal).Take(10)]);
    }

    static SortedDictionary<string, int> Count(IEnumerable<string> values) => new(values.CountBy(v => v, StringComparer.Ordinal).ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal), StringComparer.Ordinal);

    /// <summary>Nearest-rank percentile.</summary>
    static double Percentile(List<double> sorted, double share) => sorted.Count == 0 ? 0 : Math.Round(sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Count) - 1)], 2);

    static void Write(IAnsiConsole console, Summary summary)
    {
        var table = new Table().AddColumn("what").AddColumn(new TableColumn("value").RightAligned());
        table.AddRow("sent", summary.Sent.ToString(CultureInfo.InvariantCulture));
        table.AddRow("failed", summary.Failed.ToString(CultureInfo.InvariantCulture));
        table.AddRow("per second", summary.PerSecond.ToString(CultureInfo.InvariantCulture));
        table.AddRow("p50 / p95 / p99 ms", FormattableString.Invariant($"{summary.P50Ms} / {summary.P95Ms} / {summary.P99Ms}"));
        table.AddRow("out of scope", summary.OutOfScopeShare.ToString("P1", CultureInfo.InvariantCulture));
        foreach (var (status, count) in summary.ByStatus) table.AddRow(new Text("status " + status), new Text(count.ToString(CultureInfo.InvariantCulture)));
        foreach (var (outcome, count) in summary.ByOutcome) table.AddRow(new Text("decision " + outcome), new Text(count.ToString(CultureInfo.InvariantCulture)));
        console.Write(table);
        foreach (var error in summary.Errors) console.WriteLine(error);
    }
}
