using AiOs.Serving.Chat;
using AiOs.Serving.Costs;

namespace AiOs.Serving.Gateway;

/// <summary>What one attempt may cost, set aside, and then what it did cost. It ends once: paid, or disposed of because it cost nothing.</summary>
sealed class Bill(Call call, ModelPrices? prices, long sent, Reservation reservation) : IDisposable
{
    readonly long began = call.Clock.GetTimestamp();
    int ended;

    /// <summary>Whether a soft budget is exceeded.</summary>
    public bool SoftExceeded => reservation.SoftExceeded;

    /// <summary>Counts what was used; what the endpoint does not say is estimated from what was sent and received.</summary>
    /// <returns>The usage of this attempt.</returns>
    public ModelUsage Pay(long? input, long? output, long received, long cached = 0)
    {
        var usage = Of(input, output, received, cached);
        if (Interlocked.Exchange(ref ended, 1) == 0)
        {
            reservation.Settle(usage.Cost ?? 0);
            call.Used(usage);
        }
        return usage;
    }

    /// <summary>What that would be.</summary>
    public ModelUsage Of(long? input, long? output, long received, long cached = 0)
    {
        var (sentTokens, gotTokens) = (input ?? ModelUsage.TokensOf(sent), output ?? ModelUsage.TokensOf(received));
        cached = Math.Min(cached, sentTokens);
        return new(sentTokens, gotTokens, input is null || output is null, prices?.CostOf(sentTokens, cached, gotTokens, call.Clock.GetElapsedTime(began))) { CachedInputTokens = cached };
    }

    /// <summary>It cost nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref ended, 1) == 0)
            reservation.Dispose();
    }
}
