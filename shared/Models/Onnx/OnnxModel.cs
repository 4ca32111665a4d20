namespace AiOs.Models.Onnx;

/// <summary>Wraps a graph as a model file: IR version 8, operator set 13, metadata as string properties in ordinal order (so equal models are equal bytes).</summary>
internal static class OnnxModel
{
    const long IrVersion = 8, OperatorSet = 13;

    /// <summary>The bytes of the .onnx file.</summary>
    public static ReadOnlyMemory<byte> Encode(OnnxGraph graph, IReadOnlyDictionary<string, string> metadata)
    {
        var model = new ProtoMessage()
            .Number(1, IrVersion)
            .Text(2, "AiOs.Serverless")
            .Message(7, graph.Encode())
            .Message(8, new ProtoMessage().Text(1, "").Number(2, OperatorSet));
        foreach (var (key, value) in metadata.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            model.Message(14, new ProtoMessage().Text(1, key).Text(2, value));
        return model.Encoded.ToArray();
    }
}
