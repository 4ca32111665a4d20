namespace AiOs.Inference.Protocol;

/// <summary>A tensor: elements in row-major order, little-endian; BYTES as the binary extension has them.</summary>
sealed record Tensor(string Name, DataType Type, long[] Shape, ReadOnlyMemory<byte> Data)
{
    /// <summary>The number of elements that the shape holds.</summary>
    public long Count
    {
        get
        {
            var count = 1L;
            foreach (var length in Shape)
                count *= length;
            return count;
        }
    }
}

/// <summary>An output that the caller wants; binary or JSON as it says, or as the request says.</summary>
readonly record struct WantedOutput(string Name, bool? Binary);

/// <summary>An inference request, whole and consistent in itself; whether it fits a model is the model's affair. Its tensors live in buffers that the reader owns.</summary>
sealed class InferRequest
{
    /// <summary>Returned in the reply.</summary>
    public string? Id { get; set; }

    /// <summary>In the order of the request.</summary>
    public List<Tensor> Inputs { get; } = [];

    /// <summary>Empty: all outputs.</summary>
    public List<WantedOutput> Outputs { get; } = [];

    /// <summary>Outputs that do not say otherwise are sent as binary.</summary>
    public bool BinaryOutput { get; set; }

    /// <summary>How long the caller waits at most, from the parameter <c>timeout</c> (microseconds).</summary>
    public TimeSpan? Timeout { get; set; }
}
