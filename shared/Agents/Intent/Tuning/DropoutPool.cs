namespace AiOs.Agents.Intent.Tuning;

/// <summary>Masks by which numbers drop out at random, those that stay speaking louder (Srivastava et al. 2014, https://jmlr.org/papers/v15/srivastava14a.html). Drawn once; a mask is a stretch that begins anywhere,
/// because drawing each anew would take longer than what it is for.</summary>
/// <param name="share">The share of numbers that drop out.</param>
/// <param name="random">Decides which, and where stretches begin.</param>
sealed class DropoutPool(float share, Random random)
{
    /// <summary>No mask is longer.</summary>
    public const int Longest = 1 << 21;

    readonly float[] drawn = Draw(share, random);

    /// <summary>A mask for so many numbers: 0, or what makes up for those that dropped out.</summary>
    public Memory<float> Next(int length) => drawn.AsMemory(random.Next(drawn.Length - length + 1), length);

    static float[] Draw(float share, Random random)
    {
        var masks = new float[2 * Longest];
        foreach (ref var mask in masks.AsSpan())
            mask = random.NextSingle() < share ? 0 : 1 / (1 - share);
        return masks;
    }
}
