using AiOs.Local.Durable;

namespace AiOs.Bench.Http;

/// <summary>One measurement at one concurrency.</summary>
/// <param name="Orders">Orders fulfilled.</param>
/// <param name="PerSecond">Orders a second.</param>
/// <param name="P50Ms">Half of them were answered in this time or less.</param>
/// <param name="P99Ms">99 of 100 were.</param>
/// <param name="Work">What the server wrote meanwhile; null when it does not tell.</param>
/// <param name="Load">Processes that wanted to run in the last minute.</param>
sealed record HttpRun(int Orders, double PerSecond, double P50Ms, double P99Ms, EngineCounts? Work, double? Load)
{
    /// <summary>Measures after a warm-up, which is not counted.</summary>
    public static async Task<HttpRun> MeasureAsync(IServing server, int concurrency, TimeSpan warmUp, TimeSpan length, CancellationToken cancellationToken)
    {
        using var client = new LoadClient(server.Address, concurrency);
        await client.RunAsync(warmUp, cancellationToken);
        var before = await server.CountsAsync(cancellationToken);
        var (seconds, times) = await client.RunAsync(length, cancellationToken);
        var after = await server.CountsAsync(cancellationToken);
        return new(times.Length, times.Length / seconds, At(times, 0.50), At(times, 0.99), before is null ? null : after?.Since(before), Machine.LoadNow());
    }

    static double At(double[] sorted, double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
}
