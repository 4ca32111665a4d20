using AiOs.Inference.Layouts;
using AiOs.Models.Protocol;
using Microsoft.ML.OnnxRuntime;

namespace AiOs.Inference.Batching;

/// <summary>Runs a session on one thread; every instance of a model has one, with its own buffers.</summary>
sealed class Runner(InferenceSession session, string[] outputs) : IDisposable
{
    readonly RunOptions options = new();

    /// <summary>Buffers that live as long as the instance.</summary>
    public long[] Positions { get; private set; } = new long[2048];

    /// <inheritdoc cref="Positions"/>
    public long[] Tokens { get; private set; } = new long[1024];

    /// <summary>Makes room for so many tokens.</summary>
    public void Reserve(int tokens)
    {
        if (Tokens.Length < tokens)
            (Tokens, Positions) = (new long[tokens * 2], new long[tokens * 4]);
    }

    public IDisposableReadOnlyCollection<OrtValue> Run(IReadOnlyCollection<string> names, IReadOnlyCollection<OrtValue> values) => session.Run(options, names, values, outputs);

    public void Dispose() => options.Dispose();

    /// <summary>Copies a result that is one request's alone.</summary>
    public static Tensor Whole(TensorMetadata output, OrtValue value) =>
        new(output.Name, output.Type, value.GetTensorTypeAndShape().Shape, value.GetTensorMutableRawData().ToArray());

    /// <summary>Copies rows out of a result; its first dimension counts rows.</summary>
    public static Tensor Rows(TensorMetadata output, OrtValue value, int first, int count)
    {
        var shape = value.GetTensorTypeAndShape().Shape;
        if (shape.Length == 0 || shape[0] < first + count)
            throw new InvalidOperationException($"Output '{output.Name}' has the shape [{string.Join(", ", shape)}], which does not hold {first + count} rows.");
        var width = output.Type.Size;
        for (var i = 1; i < shape.Length; i++)
            width = checked(width * (int)shape[i]);
        long[] own = [count, .. shape.AsSpan(1)];
        return new(output.Name, output.Type, own, value.GetTensorMutableRawData().Slice(first * width, count * width).ToArray());
    }
}
