namespace AiOs.Serving.Costs;

/// <summary>Money as it is stored: whole billionths of the operator's currency, so that sums are exact. A long holds 9 thousand millions of it.</summary>
static class Nano
{
    const decimal One = 1_000_000_000m;

    /// <summary>The nearest; halves go up.</summary>
    public static long Of(decimal amount) => (long)Math.Round(Math.Clamp(amount, 0, Most) * One, MidpointRounding.AwayFromZero);

    /// <summary>Never less than the amount: for what is set aside.</summary>
    public static long AtLeast(decimal amount) => (long)Math.Ceiling(Math.Clamp(amount, 0, Most) * One);

    /// <summary>The amount.</summary>
    public static decimal Amount(long nano) => nano / One;

    /// <summary>The largest amount that a limit may name.</summary>
    public const decimal Most = 1_000_000_000m;
}
