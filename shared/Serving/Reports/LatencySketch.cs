namespace AiOs.Serving.Reports;

/// <summary>Counts times in buckets that grow by a fixed ratio, so that every quantile is within <see cref="RelativeError"/> of the exact one, at any size and in bounded memory:
/// DDSketch with logarithmic mapping (Masson, Rim and Lee, "DDSketch: A Fast and Fully-Mergeable Quantile Sketch with Relative-Error Guarantees", VLDB 2019).
/// Times from a microsecond to an hour are told apart; what is shorter or longer counts as that. Any thread may add.</summary>
sealed class LatencySketch
{
    /// <summary>How far a quantile may be from the exact one, as a share of it.</summary>
    public const double RelativeError = 0.01;

    const double Gamma = (1 + RelativeError) / (1 - RelativeError);
    const double LongestMicros = 3_600_000_000;

    static readonly double Scale = 1 / Math.Log(Gamma);
    static readonly int Buckets = Bucket(LongestMicros) + 1;

    readonly int[] counts = new int[Buckets];

    /// <summary>Counts one time.</summary>
    public void Add(TimeSpan time) => Interlocked.Increment(ref counts[Bucket(Math.Clamp(time.TotalMicroseconds, 1, LongestMicros))]);

    /// <summary>The bucket i holds what is above gamma to the i-1 and at most gamma to the i.</summary>
    static int Bucket(double micros) => Math.Max(0, (int)Math.Ceiling(Math.Log(micros) * Scale));

    /// <summary>The quantiles of all sketches together; null where nothing was counted.</summary>
    /// <param name="sketches">Merged by adding their buckets.</param>
    /// <param name="quantiles">Each from 0 to 1, in rising order.</param>
    public static TimeSpan[]? Quantiles(IReadOnlyCollection<LatencySketch> sketches, ReadOnlySpan<double> quantiles)
    {
        var sums = new long[Buckets];
        foreach (var sketch in sketches)
            for (var i = 0; i < Buckets; i++)
                sums[i] += Volatile.Read(ref sketch.counts[i]);
        var total = sums.Sum();
        if (total == 0)
            return null;
        var found = new TimeSpan[quantiles.Length];
        long below = 0;
        for (int i = 0, next = 0; i < Buckets && next < quantiles.Length; i++)
            for (below += sums[i]; next < quantiles.Length && below > quantiles[next] * (total - 1); next++)
                found[next] = TimeSpan.FromMicroseconds(2 * Math.Pow(Gamma, i) / (Gamma + 1));
        return found;
    }
}
