using Microsoft.ML.OnnxRuntime.Tensors;

namespace AiOs.Models.Protocol;

/// <summary>The element types of the Open Inference Protocol that ONNX has too.</summary>
public enum DataType
{
    /// <summary>One byte, 0 or 1.</summary>
    Bool,
    /// <summary>8-bit unsigned.</summary>
    Uint8,
    /// <summary>16-bit unsigned.</summary>
    Uint16,
    /// <summary>32-bit unsigned.</summary>
    Uint32,
    /// <summary>64-bit unsigned.</summary>
    Uint64,
    /// <summary>8-bit signed.</summary>
    Int8,
    /// <summary>16-bit signed.</summary>
    Int16,
    /// <summary>32-bit signed.</summary>
    Int32,
    /// <summary>64-bit signed.</summary>
    Int64,
    /// <summary>IEEE half; travels as binary only.</summary>
    Fp16,
    /// <summary>IEEE single.</summary>
    Fp32,
    /// <summary>IEEE double.</summary>
    Fp64,
    /// <summary>Each element a 4-byte length (unsigned, little-endian) and that many bytes.</summary>
    Bytes,
}

/// <summary>What a <see cref="DataType"/> is called, how long it is and what ONNX Runtime calls it.</summary>
public static class DataTypes
{
    static readonly (DataType Type, string Name, int Size, TensorElementType Element)[] all =
    [
        (DataType.Bool, "BOOL", 1, TensorElementType.Bool), (DataType.Uint8, "UINT8", 1, TensorElementType.UInt8), (DataType.Uint16, "UINT16", 2, TensorElementType.UInt16),
        (DataType.Uint32, "UINT32", 4, TensorElementType.UInt32), (DataType.Uint64, "UINT64", 8, TensorElementType.UInt64), (DataType.Int8, "INT8", 1, TensorElementType.Int8),
        (DataType.Int16, "INT16", 2, TensorElementType.Int16), (DataType.Int32, "INT32", 4, TensorElementType.Int32), (DataType.Int64, "INT64", 8, TensorElementType.Int64),
        (DataType.Fp16, "FP16", 2, TensorElementType.Float16), (DataType.Fp32, "FP32", 4, TensorElementType.Float), (DataType.Fp64, "FP64", 8, TensorElementType.Double),
        (DataType.Bytes, "BYTES", 0, TensorElementType.String),
    ];

    extension(DataType type)
    {
        /// <summary>As the protocol writes it.</summary>
        public string Word => all[(int)type].Name;

        /// <summary>Bytes an element; 0 where elements differ in length.</summary>
        public int Size => all[(int)type].Size;

        /// <summary>As ONNX Runtime knows it.</summary>
        public TensorElementType Element => all[(int)type].Element;
    }

    /// <summary>The type that the protocol calls <paramref name="word"/>, or null.</summary>
    public static DataType? Parse(string word) => Find(entry => entry.Name == word);

    /// <summary>The type that ONNX Runtime calls <paramref name="element"/>, or null where the protocol has none.</summary>
    public static DataType? Of(TensorElementType element) => Find(entry => entry.Element == element);

    static DataType? Find(Func<(DataType Type, string Name, int Size, TensorElementType Element), bool> matches)
    {
        foreach (var entry in all)
            if (matches(entry))
                return entry.Type;
        return null;
    }
}
