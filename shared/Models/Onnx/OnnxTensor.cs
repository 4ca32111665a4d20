using System.Runtime.InteropServices;

namespace AiOs.Models.Onnx;

/// <summary>ONNX element types, with the numbers of TensorProto.DataType.</summary>
internal enum ElementType
{
    Float = 1,
    Uint8 = 2,
    Int8 = 3,
    Int64 = 7,
    Bool = 9,
    Float16 = 10,
}

/// <summary>A constant: its element type, its shape and its elements in little-endian row-major order.</summary>
internal sealed record OnnxTensor(ElementType Type, IReadOnlyList<long> Shape, byte[] Raw)
{
    public static OnnxTensor Of(params ReadOnlySpan<long> values) => new(ElementType.Int64, [values.Length], MemoryMarshal.AsBytes(values).ToArray());

    public static OnnxTensor Of(ReadOnlySpan<float> values, params long[] shape) => new(ElementType.Float, shape, MemoryMarshal.AsBytes(values).ToArray());

    public static OnnxTensor Of(ReadOnlySpan<Half> values, params long[] shape) => new(ElementType.Float16, shape, MemoryMarshal.AsBytes(values).ToArray());

    public static OnnxTensor Of(ReadOnlySpan<sbyte> values, params long[] shape) => new(ElementType.Int8, shape, MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>As TensorProto, named where it is an initializer.</summary>
    public ProtoMessage Encode(string? name)
    {
        var message = new ProtoMessage();
        foreach (var length in Shape)
            message.Number(1, length);
        message.Number(2, (long)Type);
        if (name is not null)
            message.Text(8, name);
        return message.Bytes(9, Raw);
    }
}
