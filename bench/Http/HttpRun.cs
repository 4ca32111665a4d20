using AiOs.Local.Durable;

namespace AiOs.Bench.Http;

/// <summary>One measurement at one concurrency.</summary>
/// <param name="Orders">Orders fulfilled.</param>
/// <param name="PerSecond">Orders a second.</param>
/// <param name="P50Ms">Half of them were answered in this time or less.</param>
/// <param name="P99Ms">99 of 100 were.</param>
/// <param name="Work">What the server wrote meanwhile; null when it does not tell.</param>
/// <param name="DiskSyncsPerSecond">What the disk itself gave right before and after: the mean.</param>
/// <param name="Load">Processes that wanted to run in the last minute.</param>
sealed record HttpRun(int Orders, double PerSecond, double P50Ms, double P99Ms, EngineCounts? Work, double DiskSyncsPerSecond, double? Load)
{
    /// <summary>Orders a second for each sync a second that the disk gave.</summary>
    public double DiskShare => PerSecond / DiskSyncsPerSecond;

    /// <summary>Measures after a warm-up, which is not counted.</summary>
    public static async Task<HttpRun> MeasureAsync(IServing server, int concurrency, TimeSpan warmUp, TimeSpan length, string folder, CancellationToken cancellationToken)
    {
        using var client = new LoadClient(server.Address, concurrency);
        await client.RunAsync(warmUp, cancellationToken);
        var diskBefore = Disk.SyncsPerSecond(folder);
        var before = await server.CountsAsync(cancellationToken);
        var (seconds, times) = await client.RunAsync(length, cancellationToken);
        var after = await server.CountsAsync(cancellationToken);
        var disk = (diskBefore + Disk.SyncsPerSecond(folder)) / 2;
        return new(times.Length, times.Length / seconds, At(times, 0.50), At(times, 0.99), before is null ? null : after?.Since(before), disk, Machine.LoadNow());
    }

    static double At(double[] sorted, double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
}
