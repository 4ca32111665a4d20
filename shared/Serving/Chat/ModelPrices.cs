namespace AiOs.Serving.Chat;

/// <summary>What calls of a model cost, in whatever currency the operator counts. Costs are exact to a billionth; halves are rounded up.</summary>
/// <param name="Input">A million tokens sent.</param>
/// <param name="Output">A million tokens received.</param>
public sealed record ModelPrices(decimal Input, decimal Output)
{
    /// <summary>A million tokens sent that the model had in its own cache; null where they cost what others cost.</summary>
    public decimal? CachedInput { get; init; }

    /// <summary>A call, whatever it uses.</summary>
    public decimal Call { get; init; }

    /// <summary>A second that a call takes.</summary>
    public decimal Second { get; init; }

    /// <summary>The cost of tokens alone.</summary>
    public decimal CostOf(long input, long output) => CostOf(input, 0, output, TimeSpan.Zero, 0);

    /// <summary>The cost of one call or several.</summary>
    /// <param name="input">Tokens sent, those of the model's cache among them.</param>
    /// <param name="cachedInput">Of these, the tokens of the model's cache.</param>
    /// <param name="output">Tokens received.</param>
    /// <param name="took">How long it took.</param>
    /// <param name="calls">How many calls.</param>
    public decimal CostOf(long input, long cachedInput, long output, TimeSpan took, int calls = 1)
    {
        cachedInput = Math.Min(cachedInput, input);
        var tokens = ((input - cachedInput) * Input) + (cachedInput * (CachedInput ?? Input)) + (output * Output);
        return Math.Round((tokens / 1_000_000m) + (calls * Call) + (took.Ticks * Second / TimeSpan.TicksPerSecond), 9, MidpointRounding.AwayFromZero);
    }

    /// <summary>The most that a call can cost: nothing of it cached, the longest answer, the longest time.</summary>
    public decimal MostOf(long input, long longestOutput, TimeSpan longest) => Math.Max(CostOf(input, 0, longestOutput, longest), CostOf(input, input, longestOutput, longest));
}
