using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace AiOs.Models.Protocol;

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

    /// <summary>The element of that number, of any type but BYTES; a truth is 0 or 1.</summary>
    public double NumberAt(int index) => Type switch
    {
        DataType.Bool or DataType.Uint8 => Data.Span[index],
        DataType.Int8 => (sbyte)Data.Span[index],
        DataType.Uint16 => At<ushort>(index),
        DataType.Int16 => At<short>(index),
        DataType.Uint32 => At<uint>(index),
        DataType.Int32 => At<int>(index),
        DataType.Uint64 => At<ulong>(index),
        DataType.Int64 => At<long>(index),
        DataType.Fp16 => (double)At<Half>(index),
        DataType.Fp32 => At<float>(index),
        DataType.Fp64 => At<double>(index),
        _ => throw new InvalidOperationException($"{Type.Word} are no numbers."),
    };

    /// <summary>The elements of a BYTES tensor as texts.</summary>
    public IEnumerable<string> Texts()
    {
        for (var at = 0; at < Data.Length;)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(Data.Span[at..]);
            yield return Encoding.UTF8.GetString(Data.Span.Slice(at + sizeof(int), length));
            at += sizeof(int) + length;
        }
    }

    /// <summary>A BYTES tensor of these texts.</summary>
    public static Tensor Of(string name, long[] shape, IEnumerable<string> texts)
    {
        var bytes = new List<byte>();
        foreach (var text in texts)
        {
            var utf8 = Encoding.UTF8.GetBytes(text);
            bytes.AddRange(BitConverter.GetBytes(utf8.Length));
            bytes.AddRange(utf8);
        }
        return new(name, DataType.Bytes, shape, bytes.ToArray());
    }

    T At<T>(int index) where T : unmanaged => MemoryMarshal.Cast<byte, T>(Data.Span)[index];
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
