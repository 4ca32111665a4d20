using System.Globalization;
using Spectre.Console;

namespace AiOs.Bench.Http;

/// <summary>One server at one concurrency; figures are medians over the rounds.</summary>
/// <param name="Concurrency">Callers at once.</param>
/// <param name="PerSecond">Orders a second.</param>
/// <param name="P50Ms">Half of the orders were answered in this time or less.</param>
/// <param name="P99Ms">99 of 100 were.</param>
/// <param name="Spread">Of <paramref name="PerSecond"/>.</param>
/// <param name="SyncsPerWorkflow">Syncs of the disk for each order; null for a server that does not count them.</param>
/// <param name="DiskShare">Orders a second for each sync a second that the disk gave around each run.</param>
/// <param name="Rounds">The single runs.</param>
sealed record HttpLevel(int Concurrency, double PerSecond, double P50Ms, double P99Ms, Spread Spread, double? SyncsPerWorkflow, Spread DiskShare, IReadOnlyList<HttpRun> Rounds)
{
    /// <summary>Of at least one run.</summary>
    public static HttpLevel Of(int concurrency, IReadOnlyList<HttpRun> rounds)
    {
        var spread = Spread.Of(rounds.Select(r => r.PerSecond));
        return new(concurrency, spread.Median, Spread.Of(rounds.Select(r => r.P50Ms)).Median, Spread.Of(rounds.Select(r => r.P99Ms)).Median, spread,
            rounds[0].Work is null ? null : Spread.Of(rounds.Select(r => (double)(r.Work!.Commits + r.Work.Settlements) / r.Orders)).Median, Spread.Of(rounds.Select(r => r.DiskShare)), rounds);
    }
}

/// <summary>Another server that was measured in the same run.</summary>
/// <param name="Name">Which, and how configured.</param>
/// <param name="Levels">Its figures.</param>
/// <param name="Ours">How many times as many orders a second ours fulfilled, by concurrency: the median over the rounds of the ratio within a round.</param>
sealed record HttpPeer(string Name, IReadOnlyList<HttpLevel> Levels, IReadOnlyDictionary<int, Spread> Ours);

/// <summary>What <c>aios bench http</c> found.</summary>
/// <param name="Seconds">Length of each measurement.</param>
/// <param name="WarmUpSeconds">Sent and not counted when a server has started, at the highest concurrency, and before each measurement.</param>
/// <param name="Levels">Ours.</param>
sealed record HttpReport(
    Machine Machine, double? LoadAfter, Spread DiskSyncsPerSecond, double Seconds, double WarmUpSeconds, IReadOnlyList<HttpLevel> Levels, IReadOnlyList<HttpPeer> Peers)
{
    /// <summary>For a person.</summary>
    public void Write(IAnsiConsole console)
    {
        console.WriteLine(Machine.ToString());
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"The disk gives {DiskSyncsPerSecond.Median:0} syncs/s (fdatasync of 4 KiB; {DiskSyncsPerSecond.Lowest:0} to {DiskSyncsPerSecond.Highest:0}). {Levels[0].Rounds.Count} rounds of {Seconds:0.#} s, each after {WarmUpSeconds:0.#} s that are not counted."));
        var table = new Table().AddColumn("server");
        foreach (var name in new[] { "callers", "per s", "spread", "p50 ms", "p99 ms", "syncs each", "of disk", "ours is" })
            table.AddColumn(new TableColumn(name).RightAligned());
        foreach (var level in Levels)
            Add(table, "aios", level, ours: null);
        foreach (var peer in Peers)
            foreach (var level in peer.Levels)
                Add(table, peer.Name, level, peer.Ours[level.Concurrency]);
        console.Write(table);
    }

    static void Add(Table table, string server, HttpLevel level, Spread? ours) => table.AddRow(
        server, Text($"{level.Concurrency}"), Text($"{level.PerSecond:0}"), Text($"{level.Spread.Lowest:0}-{level.Spread.Highest:0}"), Text($"{level.P50Ms:0.0}"), Text($"{level.P99Ms:0.0}"),
        level.SyncsPerWorkflow is { } syncs ? Text($"{syncs:0.00}") : "", Text($"{level.DiskShare.Median:0.000} ({level.DiskShare.Lowest:0.000}-{level.DiskShare.Highest:0.000})"), ours is null ? "" : Text($"{ours.Median:0.00}x"));

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
