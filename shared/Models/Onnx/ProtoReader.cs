using System.Buffers.Binary;
using System.Text;

namespace AiOs.Models.Onnx;

/// <summary>Walks the fields of one protocol buffer message. Source: https://protobuf.dev/programming-guides/encoding/</summary>
internal ref struct ProtoReader(ReadOnlySpan<byte> message)
{
    ReadOnlySpan<byte> rest = message;

    /// <summary>The number of the field.</summary>
    public int Field { get; private set; }

    /// <summary>Its content: what stands behind the length; empty for a number.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Its value, where it is a number.</summary>
    public ulong Number { get; private set; }

    /// <summary>The field as it stands, tag and length included.</summary>
    public ReadOnlySpan<byte> Whole { get; private set; }

    public readonly string Text => Encoding.UTF8.GetString(Bytes);

    /// <summary>Goes to the next field.</summary>
    /// <exception cref="InvalidDataException">This is no message.</exception>
    public bool Next()
    {
        if (rest.IsEmpty)
            return false;
        var start = rest;
        var tag = Varint();
        Field = checked((int)(tag >> 3));
        Bytes = default;
        Number = 0;
        switch (tag & 7)
        {
            case 0: Number = Varint(); break;
            case 1: Number = BinaryPrimitives.ReadUInt64LittleEndian(Take(8)); break;
            case 2: Bytes = Take(Varint()); break;
            case 5: Number = BinaryPrimitives.ReadUInt32LittleEndian(Take(4)); break;
            default: throw new InvalidDataException("It is no ONNX model: a field has an unknown wire type.");
        }
        Whole = start[..(start.Length - rest.Length)];
        return true;
    }

    /// <summary>The numbers of a packed field, or the one of an unpacked one.</summary>
    public readonly void AddNumbers(List<long> to)
    {
        if (Bytes.IsEmpty)
        {
            to.Add((long)Number);
            return;
        }
        var packed = new ProtoReader(Bytes);
        while (!packed.rest.IsEmpty)
            to.Add((long)packed.Varint());
    }

    ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)rest.Length)
            throw new InvalidDataException("It is no ONNX model, or is cut off: a field is longer than what holds it.");
        var taken = rest[..(int)length];
        rest = rest[(int)length..];
        return taken;
    }

    ulong Varint()
    {
        var value = 0UL;
        for (var i = 0; i < 10 && i < rest.Length; i++)
        {
            value |= (ulong)(rest[i] & 0x7F) << 7 * i;
            if (rest[i] < 0x80)
            {
                rest = rest[(i + 1)..];
                return value;
            }
        }
        throw new InvalidDataException("It is no ONNX model, or is cut off: a number does not end.");
    }
}
