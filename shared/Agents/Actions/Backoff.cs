namespace AiOs.Agents.Actions;

/// <summary>Pauses between attempts: doubling, with half of each left to chance, so that callers who failed together do not come back together
/// (aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter, "equal jitter"). A host's own Retry-After is obeyed up to a minute.</summary>
static class Backoff
{
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    static readonly TimeSpan LongestAsked = TimeSpan.FromMinutes(1);

    public static TimeSpan After(int attempt, TimeSpan first, TimeSpan? asked)
    {
        var pause = TimeSpan.FromTicks((long)Math.Min(Longest.Ticks, first.Ticks * Math.Pow(2, Math.Min(attempt - 1, 30))));
        var chosen = pause / 2 + pause / 2 * Random.Shared.NextDouble();
        return asked is { } wish && wish > chosen ? (wish < LongestAsked ? wish : LongestAsked) : chosen;
    }
}
