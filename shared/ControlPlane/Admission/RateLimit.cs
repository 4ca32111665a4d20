using Microsoft.Extensions.Configuration;

namespace AiOs.ControlPlane.Admission;

/// <summary>How fast one principal may submit: <c>AIOS_RATE_PER_SECOND</c> in the long run (default 500), <c>AIOS_RATE_BURST</c> at once (default 2000).</summary>
public sealed record RateLimitOptions(double PerSecond = 500, int Burst = 2000)
{
    /// <summary>Reads and checks the options.</summary>
    /// <exception cref="FormatException">A value is not a positive number.</exception>
    public static RateLimitOptions From(IConfiguration configuration)
    {
        var defaults = new RateLimitOptions();
        var options = new RateLimitOptions(Number("AIOS_RATE_PER_SECOND") ?? defaults.PerSecond, (int)(Number("AIOS_RATE_BURST") ?? defaults.Burst));
        return options is { PerSecond: > 0, Burst: >= 1 } ? options : throw new FormatException("AIOS_RATE_PER_SECOND and AIOS_RATE_BURST must be positive numbers.");

        double? Number(string key) => configuration[key] is not { Length: > 0 } text ? null
            : double.TryParse(text, System.Globalization.NumberStyles.AllowDecimalPoint, System.Globalization.CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 1_000_000_000 ? number
            : throw new FormatException($"{key} must be a positive number.");
    }
}

/// <summary>A token bucket for each principal, in memory: every instance of the host counts for itself.</summary>
public sealed class RateLimit(RateLimitOptions options, TimeProvider clock)
{
    const int Remembered = 10_000;

    readonly Lock gate = new();
    readonly Dictionary<string, (double Tokens, long At)> buckets = new(StringComparer.Ordinal);

    /// <summary>Takes a token; where there is none, returns how long until there is one.</summary>
    public TimeSpan? Take(string principalId)
    {
        lock (gate)
        {
            var now = clock.GetTimestamp();
            var tokens = buckets.TryGetValue(principalId, out var bucket)
                ? Math.Min(options.Burst, bucket.Tokens + clock.GetElapsedTime(bucket.At, now).TotalSeconds * options.PerSecond)
                : options.Burst;
            var taken = tokens >= 1;
            if (buckets.Count >= Remembered)
                Forget(now);
            buckets[principalId] = (taken ? tokens - 1 : tokens, now);
            return taken ? null : TimeSpan.FromSeconds((1 - tokens) / options.PerSecond);
        }
    }

    /// <summary>A full bucket says no more than none.</summary>
    void Forget(long now)
    {
        foreach (var (principal, bucket) in buckets.ToList())
            if (bucket.Tokens + clock.GetElapsedTime(bucket.At, now).TotalSeconds * options.PerSecond >= options.Burst)
                buckets.Remove(principal);
    }
}
