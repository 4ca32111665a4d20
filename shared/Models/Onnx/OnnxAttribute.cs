namespace AiOs.Models.Onnx;

/// <summary>A named attribute of a node, already encoded as AttributeProto.</summary>
internal sealed class OnnxAttribute
{
    const int Int = 2, Tensor = 4, Ints = 7;

    OnnxAttribute(ProtoMessage encoded) => Encoded = encoded;

    public ProtoMessage Encoded { get; }

    public static OnnxAttribute Of(string name, long value) => new(new ProtoMessage().Text(1, name).Number(3, value).Number(20, Int));

    public static OnnxAttribute Of(string name, params ReadOnlySpan<long> values)
    {
        var message = new ProtoMessage().Text(1, name);
        foreach (var value in values)
            message.Number(8, value);
        return new(message.Number(20, Ints));
    }

    public static OnnxAttribute Of(string name, OnnxTensor value) => new(new ProtoMessage().Text(1, name).Message(5, value.Encode(name: null)).Number(20, Tensor));
}
