using System.Numerics.Tensors;
using AiOs.Models.Onnx;
using AiOs.Models.Quantization;

namespace AiOs.Models.FineTuning;

/// <summary>What one layer of BERT (Devlin et al. 2019, https://arxiv.org/abs/1810.04805) has learnt. Query, key and value are one product.</summary>
internal sealed record BertLayer
{
    /// <summary>Query, key and value beside each other, 384 by 1152.</summary>
    public required Affine Three { get; init; }

    /// <summary>What becomes of what a token saw, 384 by 384.</summary>
    public required Affine Attended { get; init; }

    /// <summary>Normalises behind the attention.</summary>
    public required Affine Middle { get; init; }

    /// <summary>Into the inner numbers, 384 by 1536.</summary>
    public required Affine Up { get; init; }

    /// <summary>Out of the inner numbers, 1536 by 384.</summary>
    public required Affine Down { get; init; }

    /// <summary>Normalises at the end.</summary>
    public required Affine End { get; init; }

    /// <summary>Everything that is learnt.</summary>
    public IEnumerable<Parameter> Parameters => new[] { Three, Attended, Middle, Up, Down, End }.SelectMany(part => new[] { part.Weight, part.Bias });

    /// <summary>Layer <paramref name="layer"/> (from 0) of a model in 8 bits, by the names that the build gives.</summary>
    /// <exception cref="InvalidDataException">A constant is missing or has another shape.</exception>
    public static BertLayer Read(OnnxDocument document, int layer)
    {
        var name = $"encoder.layer.{layer}";
        return new()
        {
            Three = Unscaled(Matrix($"layer{layer}/three", UpperLayers.Size, 3 * UpperLayers.Size)),
            Attended = Matrix($"{name}.attention.output.dense", UpperLayers.Size, UpperLayers.Size),
            Middle = Scale($"{name}.attention.output.LayerNorm"),
            Up = Matrix($"{name}.intermediate.dense", UpperLayers.Size, UpperLayers.Inner),
            Down = Matrix($"{name}.output.dense", UpperLayers.Inner, UpperLayers.Size),
            End = Scale($"{name}.output.LayerNorm"),
        };

        Affine Matrix(string part, int rows, int columns)
        {
            var (height, width, values) = Quantizer.Restore(document, $"{part}.weight");
            return (height, width) == (rows, columns)
                ? new(new($"{part}.weight", values, rows, columns), Vector($"{part}.bias", columns))
                : throw new InvalidDataException($"The matrix {part}.weight is not {rows} by {columns}.");
        }

        Affine Scale(string part) => new(Vector($"{part}.weight", UpperLayers.Size), Vector($"{part}.bias", UpperLayers.Size));

        Parameter Vector(string part, int length) => document.Vector(part) is { } values && values.Length == length
            ? new(part, values, length)
            : throw new InvalidDataException($"There is no vector {part} of {length} numbers.");
    }

    /// <summary>The scale of the scores stands in the query's weights where nothing is learnt; here it does not, or they would learn at another rate than the key's.</summary>
    static Affine Unscaled(Affine three)
    {
        foreach (var numbers in new[] { three.Weight.Values, three.Bias.Values })
            for (var row = 0; row < numbers.Length; row += 3 * UpperLayers.Size)
                TensorPrimitives.Multiply(numbers.AsSpan(row, UpperLayers.Size), MathF.Sqrt(UpperLayers.HeadSize), numbers.AsSpan(row, UpperLayers.Size));
        return three;
    }

    /// <summary>The same numbers, to be changed without changing these.</summary>
    public BertLayer Copy() => new() { Three = Three.Copy(), Attended = Attended.Copy(), Middle = Middle.Copy(), Up = Up.Copy(), Down = Down.Copy(), End = End.Copy() };
}

/// <summary>A weight, by which something is multiplied, and a bias, which is added.</summary>
internal sealed record Affine(Parameter Weight, Parameter Bias)
{
    /// <summary>The same numbers, to be changed without changing these.</summary>
    public Affine Copy() => new(Weight.Copy(), Bias.Copy());
}
