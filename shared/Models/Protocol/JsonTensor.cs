using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;

namespace AiOs.Models.Protocol;

/// <summary>Reads the <c>data</c> of a tensor from JSON, nested or flat, into the bytes that the binary extension would have.</summary>
static class JsonTensor
{
    const int Deepest = 16;

    /// <summary>Reads the array that <paramref name="json"/> stands on, and returns the number of elements.</summary>
    /// <param name="shape">What brackets inside it have to agree with; empty where they are passed over.</param>
    /// <exception cref="ProtocolException">An element is not of the type, there are more than <paramref name="most"/>, or a list of lists contradicts <paramref name="shape"/>: the numbers would be read in another order than was meant.</exception>
    public static long Read(ref Utf8JsonReader json, string name, DataType type, ReadOnlySpan<long> shape, long most, ArrayBufferWriter<byte> into)
    {
        if (json.TokenType != JsonTokenType.StartArray)
            throw ProtocolException.Bad($"The data of input '{name}' has to be an array.");
        if (type == DataType.Fp16)
            throw ProtocolException.Bad($"Input '{name}' is FP16, which JSON cannot carry: send FP32, or binary data to a server that takes it.");
        var (depth, count, isNested) = (1, 0L, false);
        Span<long> lengths = stackalloc long[Deepest + 1];   // of the lists that are open, by their depth
        lengths.Clear();
        while (depth > 0)
        {
            Next(ref json);
            if (json.TokenType == JsonTokenType.StartArray)
            {
                lengths[depth]++;
                isNested = true;
                if (++depth > Deepest)
                    throw ProtocolException.Bad($"The data of input '{name}' is nested deeper than {Deepest}.");
                lengths[depth] = 0;
            }
            else if (json.TokenType == JsonTokenType.EndArray)
            {
                if (isNested && depth <= shape.Length && lengths[depth] != shape[depth - 1])
                    throw ProtocolException.Bad($"The data of input '{name}' has a list of {lengths[depth]} where its shape [{string.Join(", ", shape.ToArray())}] has {shape[depth - 1]}.");
                depth--;
            }
            else if (++count > most)
            {
                throw ProtocolException.Bad($"Input '{name}' has more elements than its shape holds ({most}).");
            }
            else if (!Element(ref json, type, into))
            {
                throw ProtocolException.Bad($"Element {count - 1} of input '{name}' is no {type.Word}.");
            }
            else
            {
                lengths[depth]++;
            }
        }
        return count;
    }

    static void Next(ref Utf8JsonReader json)
    {
        if (!json.Read())
            throw ProtocolException.Bad("The JSON ends too early.");
    }

    static bool Element(ref Utf8JsonReader json, DataType type, ArrayBufferWriter<byte> into)
    {
        if (type == DataType.Bytes)
            return json.TokenType == JsonTokenType.String && Text(ref json, into);
        if (type == DataType.Bool)
        {
            if (json.TokenType is not (JsonTokenType.True or JsonTokenType.False))
                return false;
            into.Write([json.GetBoolean() ? (byte)1 : (byte)0]);
            return true;
        }
        return json.TokenType == JsonTokenType.Number && Number(ref json, type, into);
    }

    static bool Text(ref Utf8JsonReader json, ArrayBufferWriter<byte> into)
    {
        // Escapes only shrink, so the raw length is enough.
        var room = into.GetSpan(sizeof(int) + json.ValueSpan.Length);
        int length;
        try
        {
            length = json.CopyString(room[sizeof(int)..]);
        }
        catch (InvalidOperationException)
        {
            return false;   // a lone surrogate
        }
        BinaryPrimitives.WriteInt32LittleEndian(room, length);
        into.Advance(sizeof(int) + length);
        return true;
    }

    static bool Number(ref Utf8JsonReader json, DataType type, ArrayBufferWriter<byte> into)
    {
        var room = into.GetSpan(sizeof(long))[..type.Size];
        var fits = type switch
        {
            DataType.Fp32 => json.TryGetSingle(out var value) && float.IsFinite(value) && BitConverter.TryWriteBytes(room, value),
            DataType.Fp64 => json.TryGetDouble(out var value) && double.IsFinite(value) && BitConverter.TryWriteBytes(room, value),
            DataType.Uint64 => json.TryGetUInt64(out var value) && BitConverter.TryWriteBytes(room, value),
            _ => json.TryGetInt64(out var value) && Integer(value, type, room),
        };
        if (fits)
            into.Advance(type.Size);
        return fits;
    }

    /// <summary>Writes a whole number, little-endian; false where the type does not hold it.</summary>
    static bool Integer(long value, DataType type, Span<byte> room)
    {
        var (low, high) = type switch
        {
            DataType.Int8 => (sbyte.MinValue, sbyte.MaxValue),
            DataType.Int16 => (short.MinValue, short.MaxValue),
            DataType.Int32 => (int.MinValue, int.MaxValue),
            DataType.Uint8 => (0L, byte.MaxValue),
            DataType.Uint16 => (0L, ushort.MaxValue),
            DataType.Uint32 => (0L, uint.MaxValue),
            _ => (long.MinValue, long.MaxValue),
        };
        if (value < low || value > high)
            return false;
        for (var i = 0; i < room.Length; i++)
            room[i] = (byte)(value >> 8 * i);
        return true;
    }
}
