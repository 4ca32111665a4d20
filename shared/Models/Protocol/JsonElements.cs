using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace AiOs.Models.Protocol;

/// <summary>The elements of a tensor as JSON values, flat.</summary>
static class JsonElements
{
    public static void Write(Utf8JsonWriter json, Tensor tensor)
    {
        var data = tensor.Data.Span;
        switch (tensor.Type)
        {
            case DataType.Bool: foreach (var value in data) json.WriteBooleanValue(value != 0); break;
            case DataType.Uint8: foreach (var value in data) json.WriteNumberValue((uint)value); break;
            case DataType.Int8: foreach (var value in As<sbyte>(data)) json.WriteNumberValue((int)value); break;
            case DataType.Uint16: foreach (var value in As<ushort>(data)) json.WriteNumberValue((uint)value); break;
            case DataType.Int16: foreach (var value in As<short>(data)) json.WriteNumberValue((int)value); break;
            case DataType.Uint32: foreach (var value in As<uint>(data)) json.WriteNumberValue(value); break;
            case DataType.Int32: foreach (var value in As<int>(data)) json.WriteNumberValue(value); break;
            case DataType.Uint64: foreach (var value in As<ulong>(data)) json.WriteNumberValue(value); break;
            case DataType.Int64: foreach (var value in As<long>(data)) json.WriteNumberValue(value); break;
            case DataType.Fp32: foreach (var value in As<float>(data)) json.WriteNumberValue(float.IsFinite(value) ? value : throw NotFinite(tensor)); break;
            case DataType.Fp64: foreach (var value in As<double>(data)) json.WriteNumberValue(double.IsFinite(value) ? value : throw NotFinite(tensor)); break;
            case DataType.Bytes: Texts(json, tensor); break;
            default: throw ProtocolException.Bad($"Output '{tensor.Name}' is {tensor.Type.Word}, which JSON cannot carry: ask for it as binary data.");
        }
    }

    static ReadOnlySpan<T> As<T>(ReadOnlySpan<byte> data) where T : unmanaged => MemoryMarshal.Cast<byte, T>(data);

    static ProtocolException NotFinite(Tensor tensor) =>
        new(422, $"Output '{tensor.Name}' holds NaN or an infinity, which JSON cannot carry: ask for it as binary data.");

    static void Texts(Utf8JsonWriter json, Tensor tensor)
    {
        for (var data = tensor.Data.Span; !data.IsEmpty;)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(data);
            json.WriteStringValue(Encoding.UTF8.GetString(data.Slice(sizeof(int), length)));
            data = data[(sizeof(int) + length)..];
        }
    }
}
