namespace AiOs.Models.FineTuning;

/// <summary>A tensor that is learnt: its name in graphs, its numbers in row-major order, its shape.</summary>
internal sealed record Parameter(string Name, float[] Values, params long[] Shape)
{
    /// <summary>Whether it is a matrix; what is none (biases, scales) is not drawn towards zero.</summary>
    public bool IsMatrix => Shape.Length == 2;

    /// <summary>The same numbers, to be changed without changing these.</summary>
    public Parameter Copy() => this with { Values = [.. Values] };
}
