using System.Text;

namespace AiOs.Models.Onnx;

/// <summary>One protocol buffer message being written: the wire types that ONNX needs, in the order of the calls.
/// Source: https://protobuf.dev/programming-guides/encoding/</summary>
internal sealed class ProtoMessage
{
    const int Varint = 0, LengthDelimited = 2;
    readonly MemoryStream bytes = new();

    /// <summary>The message as it stands.</summary>
    public ReadOnlySpan<byte> Encoded => bytes.GetBuffer().AsSpan(0, (int)bytes.Length);

    public ProtoMessage Number(int field, long value)
    {
        WriteVarint((ulong)field << 3 | Varint);
        WriteVarint((ulong)value);
        return this;
    }

    public ProtoMessage Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public ProtoMessage Message(int field, ProtoMessage value) => Bytes(field, value.Encoded);

    public ProtoMessage Bytes(int field, ReadOnlySpan<byte> value)
    {
        WriteVarint((ulong)field << 3 | LengthDelimited);
        WriteVarint((ulong)value.Length);
        bytes.Write(value);
        return this;
    }

    /// <summary>Fields that are encoded already.</summary>
    public ProtoMessage Raw(ReadOnlySpan<byte> fields)
    {
        bytes.Write(fields);
        return this;
    }

    void WriteVarint(ulong value)
    {
        for (; value > 0x7F; value >>= 7)
            bytes.WriteByte((byte)(value | 0x80));
        bytes.WriteByte((byte)value);
    }
}
