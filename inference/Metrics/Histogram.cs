namespace AiOs.Inference.Metrics;

/// <summary>Counts by upper bounds, for Prometheus. No locks: a reader may see a count whose sum is still on its way.</summary>
sealed class Histogram(double[] bounds)
{
    readonly long[] counts = new long[bounds.Length + 1];
    long sum;

    public static double[] Seconds { get; } = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

    public static double[] Sizes { get; } = [1, 2, 4, 8, 16, 32, 64, 128];

    public IReadOnlyList<double> Bounds => bounds;

    public double Sum => Volatile.Read(ref sum) / 1e6;

    public void Record(double value)
    {
        var bucket = Array.BinarySearch(bounds, value);
        Interlocked.Increment(ref counts[bucket < 0 ? ~bucket : bucket]);
        Interlocked.Add(ref sum, (long)(value * 1e6));
    }

    /// <summary>Values up to each bound, and all of them last.</summary>
    public long[] Cumulative()
    {
        var all = new long[counts.Length];
        var total = 0L;
        for (var i = 0; i < counts.Length; i++)
            all[i] = total += Volatile.Read(ref counts[i]);
        return all;
    }
}
