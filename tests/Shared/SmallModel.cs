using System.Text;

namespace AiOs.Testing;

/// <summary>Small ONNX files, written byte by byte from onnx.proto: a product of rows [n, 2] with the matrix [[1, 2], [3, 4]] by a factor, and one that fails where a row sums to nothing it knows.</summary>
static class SmallModel
{
    /// <summary>Input <c>x</c> FP32 [-1, 2], output <c>y</c> FP32 [-1, 2]: x times the matrix, times <paramref name="factor"/>.</summary>
    public static byte[] Product(float factor = 1, params (string Key, string Value)[] properties) => Model(properties,
        [Node("MatMul", ["x", "w"], "y")],
        [Constant("w", 1, [2, 2], [.. new[] { 1f, 2, 3, 4 }.SelectMany(value => BitConverter.GetBytes(value * factor))])],
        [Value("x", 1, -1, 2)], [Value("y", 1, -1, 2)]);

    /// <summary>Input <c>i</c> INT64 [-1], output <c>y</c> FP32 [-1]: picks from four numbers; another index fails in the middle of a run.</summary>
    public static byte[] Pick() => Model([],
        [Node("Gather", ["t", "i"], "y")],
        [Constant("t", 1, [4], [.. new[] { 10f, 20, 30, 40 }.SelectMany(BitConverter.GetBytes)])],
        [Value("i", 7, -1)], [Value("y", 1, -1)]);

    /// <summary>Inputs <c>a</c> and <c>b</c> FP32 [-1, -1], output <c>y</c> their sum: columns that do not match fail in the middle of a run.</summary>
    public static byte[] Sum() => Model([],
        [Node("Add", ["a", "b"], "y")], [],
        [Value("a", 1, -1, -2), Value("b", 1, -1, -3)], [Value("y", 1, -1, -4)]);

    /// <summary>The sample of docs/models.md: inputs <c>amount</c> and <c>claimsLastYear</c> FP32 [-1, 1], output <c>score</c> FP32 [-1, 1], a logistic regression: 1 / (1 + e^-(0.002 amount + 0.8 claimsLastYear - 4)).</summary>
    public static byte[] Fraud() => Model([],
        [Node("Mul", ["amount", "a"], "u"), Node("Mul", ["claimsLastYear", "c"], "v"), Node("Add", ["u", "v"], "s"), Node("Add", ["s", "b"], "t"), Node("Sigmoid", ["t"], "score")],
        [Constant("a", 1, [1], BitConverter.GetBytes(0.002f)), Constant("c", 1, [1], BitConverter.GetBytes(0.8f)), Constant("b", 1, [1], BitConverter.GetBytes(-4f))],
        [Value("amount", 1, -1, 1), Value("claimsLastYear", 1, -1, 1)], [Value("score", 1, -1, 1)]);

    /// <summary>The same product through 8-bit integers: made from another model whatever its properties say.</summary>
    public static byte[] Quantised(params (string Key, string Value)[] properties) => Model(properties,
        [Node("DynamicQuantizeLinear", ["x"], "q", "s", "z"), Node("MatMulInteger", ["q", "w", "z"], "i"), Cast("i", "f"), Node("Mul", ["f", "s"], "y")],
        [Constant("w", 3, [2, 2], [1, 2, 3, 4])],
        [Value("x", 1, -1, 2)], [Value("y", 1, -1, 2)]);

    static byte[] Model((string Key, string Value)[] properties, byte[][] nodes, byte[][] constants, byte[][] inputs, byte[][] outputs)
    {
        byte[] graph = [.. nodes.SelectMany(node => Field(1, node)), .. Field(2, "g"u8), .. constants.SelectMany(constant => Field(5, constant)), .. inputs.SelectMany(input => Field(11, input)), .. outputs.SelectMany(output => Field(12, output))];
        return [.. Number(1, 8), .. Field(7, graph), .. Field(8, [.. Field(1, []), .. Number(2, 13)]), .. properties.SelectMany(property => Field(14, [.. Field(1, Utf8(property.Key)), .. Field(2, Utf8(property.Value))]))];
    }

    static byte[] Node(string op, string[] inputs, params string[] outputs) => [.. inputs.SelectMany(input => Field(1, Utf8(input))), .. outputs.SelectMany(output => Field(2, Utf8(output))), .. Field(4, Utf8(op))];

    static byte[] Cast(string from, string to) => [.. Node("Cast", [from], to), .. Field(5, [.. Field(1, "to"u8), .. Number(3, 1), .. Number(20, 2)])];

    static byte[] Constant(string name, int type, long[] shape, byte[] raw) => [.. shape.SelectMany(length => Number(1, length)), .. Number(2, type), .. Field(8, Utf8(name)), .. Field(9, raw)];

    static byte[] Value(string name, int type, params long[] shape)
    {
        byte[] dimensions = [.. shape.SelectMany(length => Field(1, length < 0 ? Field(2, Utf8($"n{-length}")) : Number(1, length)))];
        return [.. Field(1, Utf8(name)), .. Field(2, Field(1, [.. Number(1, type), .. Field(2, dimensions)]))];
    }

    static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    static byte[] Number(int field, long value) => [.. Varint((ulong)field << 3), .. Varint((ulong)value)];

    static byte[] Field(int field, ReadOnlySpan<byte> content) => [.. Varint((ulong)field << 3 | 2), .. Varint((ulong)content.Length), .. content];

    static byte[] Varint(ulong value)
    {
        List<byte> bytes = [];
        for (; value > 0x7F; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        return [.. bytes, (byte)value];
    }
}
