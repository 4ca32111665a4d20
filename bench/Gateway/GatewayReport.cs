using System.Globalization;
using Spectre.Console;

namespace AiOs.Bench.Gateway;

/// <summary>One measurement.</summary>
/// <param name="PerSecond">Answers a second.</param>
/// <param name="P50Ms">Half of them came in this time or less.</param>
/// <param name="P99Ms">99 of 100 did.</param>
sealed record GatewayRun(double PerSecond, double P50Ms, double P99Ms)
{
    /// <summary>From its times, which ascend.</summary>
    public static GatewayRun Of((double Seconds, double[] Milliseconds) run) => new(run.Milliseconds.Length / run.Seconds, At(run.Milliseconds, 0.50), At(run.Milliseconds, 0.99));

    static double At(double[] sorted, double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
}

/// <summary>The rounds at one number of callers.</summary>
/// <param name="Concurrency">Callers at once.</param>
/// <param name="Gateway">Through the gateway.</param>
/// <param name="Direct">Without it.</param>
/// <param name="Portkey">Through Portkey; empty where it was not asked for.</param>
sealed record GatewayLevel(int Concurrency, IReadOnlyList<GatewayRun> Gateway, IReadOnlyList<GatewayRun> Direct, IReadOnlyList<GatewayRun> Portkey)
{
    /// <summary>How many times as many answers a second the gateway gives, round by round; null without a peer.</summary>
    public Spread? TimesPortkey => Portkey.Count == 0 ? null : Spread.Of(Gateway.Zip(Portkey, (ours, theirs) => ours.PerSecond / theirs.PerSecond));
}

/// <summary>Captures of the calls of all rounds and warm-ups.</summary>
/// <param name="CapturesWritten">On disk when the last round had ended; the rest of the queue follows.</param>
/// <param name="CapturesDropped">Given up under pressure.</param>
sealed record CaptureCounts(long CapturesWritten, long CapturesDropped);

/// <summary>What <c>aios bench gateway</c> found; figures are medians over the rounds.</summary>
/// <param name="PerSecondAt1">Answers a second at one caller.</param>
/// <param name="PerSecondAt32">At 32 callers.</param>
/// <param name="AddedP50MsAt1">What the gateway adds to the median time of a call at one caller.</param>
sealed record GatewayReport(Machine Machine, double? LoadAfter, double Seconds, double PerSecondAt1, double PerSecondAt32, double AddedP50MsAt1, double AddedP99MsAt1, IReadOnlyList<GatewayLevel> Levels, CaptureCounts Captures)
{
    /// <summary>Of the levels at 1 and 32 callers.</summary>
    public static GatewayReport Of(Machine machine, double seconds, IReadOnlyList<GatewayLevel> levels, CaptureCounts captures)
    {
        var (one, many) = (levels.Single(level => level.Concurrency == 1), levels.Single(level => level.Concurrency == 32));
        return new(machine, Machine.LoadNow(), seconds, Median(one.Gateway, run => run.PerSecond), Median(many.Gateway, run => run.PerSecond),
            Median(one.Gateway, run => run.P50Ms) - Median(one.Direct, run => run.P50Ms), Median(one.Gateway, run => run.P99Ms) - Median(one.Direct, run => run.P99Ms), levels, captures);
    }

    /// <summary>For a person.</summary>
    public void Write(IAnsiConsole console)
    {
        var table = new Table().AddColumn("callers").AddColumn("way");
        foreach (var name in new[] { "per s", "spread", "p50 ms", "p99 ms" })
            table.AddColumn(new TableColumn(name).RightAligned());
        foreach (var level in Levels)
            foreach (var (way, runs) in new[] { ("gateway", level.Gateway), ("direct", level.Direct), ("portkey", level.Portkey) }.Where(way => way.Item2.Count > 0))
            {
                var spread = Spread.Of(runs.Select(run => run.PerSecond));
                table.AddRow(level.Concurrency.ToString(CultureInfo.InvariantCulture), way, Text($"{spread.Median:0}"), Text($"{spread.Lowest:0}-{spread.Highest:0}"), Text($"{Median(runs, run => run.P50Ms):0.000}"), Text($"{Median(runs, run => run.P99Ms):0.000}"));
            }
        console.Write(table);
        foreach (var level in Levels)
            if (level.TimesPortkey is { } times)
                console.WriteLine(Text($"At {level.Concurrency} the gateway gives {times.Median:0.0} times as many answers a second as Portkey ({times.Lowest:0.0}-{times.Highest:0.0})."));
        console.WriteLine(Text($"The gateway adds {AddedP50MsAt1:0.000} ms to the median and {AddedP99MsAt1:0.000} ms to the 99th percentile of a call at one caller. Captures: {Captures.CapturesWritten} written, {Captures.CapturesDropped} dropped under pressure."));
    }

    static double Median(IEnumerable<GatewayRun> runs, Func<GatewayRun, double> figure) => Spread.Of(runs.Select(figure)).Median;

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
