namespace AiOs.Models.Protocol;

/// <summary>Brings a tensor into the type and shape that a model declares, where nothing is lost by it: callers write numbers, and need not know of which width.</summary>
static class TensorFit
{
    /// <summary>Beyond this a double does not tell whole numbers apart.</summary>
    const double MostExact = 1L << 53;

    /// <summary>The tensor as the model takes it; <paramref name="shape"/> has -1 where any length will do.</summary>
    /// <exception cref="ProtocolException">It does not fit.</exception>
    public static Tensor To(Tensor given, DataType type, long[] shape)
    {
        var own = Shaped(given.Shape, shape) ?? throw ProtocolException.Bad($"Input '{given.Name}' has to have the shape [{string.Join(", ", shape)}] (-1 is any length), not [{string.Join(", ", given.Shape)}].");
        return given.Type == type ? given with { Shape = own } : new Tensor(given.Name, type, own, Converted(given, type));
    }

    /// <summary>A list is a column of one number a row, or the one row, where the model's own shape says which.</summary>
    static long[]? Shaped(long[] given, long[] wanted) => (given, wanted) switch
    {
        _ when Fits(given, wanted) => given,
        ([var count], [_, 1]) when Fits([count, 1], wanted) => [count, 1],
        ([var count], [_, var width]) when width == count && Fits([1, count], wanted) => [1, count],
        ([var count, 1], [_]) when Fits([count], wanted) => [count],
        ([1, var count], [_]) when Fits([count], wanted) => [count],
        _ => null,
    };

    static bool Fits(ReadOnlySpan<long> given, ReadOnlySpan<long> wanted)
    {
        if (given.Length != wanted.Length)
            return false;
        for (var i = 0; i < given.Length; i++)
            if (wanted[i] >= 0 && wanted[i] != given[i])
                return false;
        return true;
    }

    static byte[] Converted(Tensor given, DataType type)
    {
        if (given.Type == DataType.Bytes || type is DataType.Bytes or DataType.Bool)
            throw ProtocolException.Bad($"Input '{given.Name}' has to be {type.Word}, not {given.Type.Word}.");
        var into = new byte[given.Count * type.Size];
        for (var i = 0; i < given.Count; i++)
            if (!Write(into.AsSpan(i * type.Size, type.Size), type, given.NumberAt(i)))
                throw ProtocolException.Bad($"Element {i} of input '{given.Name}' is no {type.Word}.");
        return into;
    }

    static bool Write(Span<byte> room, DataType type, double value) => type switch
    {
        DataType.Fp16 => Half.IsFinite((Half)value) && BitConverter.TryWriteBytes(room, (Half)value),
        DataType.Fp32 => float.IsFinite((float)value) && BitConverter.TryWriteBytes(room, (float)value),
        DataType.Fp64 => BitConverter.TryWriteBytes(room, value),
        _ => value == Math.Truncate(value) && Math.Abs(value) <= MostExact && (type != DataType.Uint64 || value >= 0) && JsonTensor.Integer((long)value, type, room),
    };
}
