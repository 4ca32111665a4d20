using System.Numerics.Tensors;
using AiOs.Models.Onnx;

namespace AiOs.Models.Quantization;

/// <summary>What was rewritten.</summary>
/// <param name="Products">Matrix products that are integer now.</param>
/// <param name="Tables">Tables that are gathered from and are 8-bit now.</param>
/// <param name="Kept">Products with a constant matrix that stay as they were.</param>
public sealed record QuantizationReport(int Products, int Tables, int Kept);

/// <summary>How to quantise.</summary>
public sealed record QuantizationOptions
{
    /// <summary>Bits of a weight, 8 or 7. The processor multiplies unsigned activations with signed weights in pairs; without VNNI the sum of a pair saturates 16 bits unless weights have 7 bits.</summary>
    public int WeightBits { get; init; } = 7;

    /// <summary>Matrices with fewer elements stay: quantising what they are multiplied with would cost more than it saves.</summary>
    public int SmallestMatrix { get; init; } = 1 << 14;

    /// <summary>Leave the last product as it is: it runs once a row where the others run once a token, and its error goes straight into the result.</summary>
    public bool KeepLast { get; init; } = true;

    /// <summary>Nodes whose output's name contains one of these stay as they are.</summary>
    public IReadOnlyList<string> Keep { get; init; } = [];

    /// <summary>Nodes whose output's name does not begin so stay as they are.</summary>
    public string Only { get; init; } = "";
}

/// <summary>Rewrites a model for dynamic 8-bit integer arithmetic: a product with a constant matrix becomes DynamicQuantizeLinear, MatMulInteger and a scale for each column (ONNX Runtime fuses the four);
/// a constant table that is gathered from is stored in 8 bits with a scale for each row. Scheme: symmetric weights, asymmetric activations (Jacob et al. 2018, https://arxiv.org/abs/1712.05877).</summary>
static class Quantizer
{
    /// <summary>What the names of the two constants end with that take the place of a matrix.</summary>
    const string Integers = "/int8", Scale = "/scale";

    /// <exception cref="InvalidDataException">The file is no ONNX model.</exception>
    public static (OnnxDocument Document, QuantizationReport Report) Quantize(ReadOnlySpan<byte> file, QuantizationOptions options)
    {
        var document = OnnxDocument.Read(file);
        var (products, tables, kept) = (0, 0, 0);
        List<OnnxNode> nodes = [];
        var activations = new Dictionary<string, string>(StringComparer.Ordinal);
        var last = options.KeepLast ? document.AllNodes.FindLastIndex(node => node is { Op: "MatMul", Inputs: [_, var right] } && document.Matrix(right) is not null) : -1;
        foreach (var (index, node) in document.AllNodes.Index())
        {
            var stays = index == last || !node.Outputs[0].StartsWith(options.Only, StringComparison.Ordinal) || options.Keep.Any(part => node.Outputs[0].Contains(part, StringComparison.Ordinal));
            if (node is { Op: "MatMul", Inputs: [var left, var right] } && document.Matrix(right) is { } matrix)
            {
                if (stays || matrix.Values.Length < options.SmallestMatrix)
                {
                    kept++;
                    nodes.Add(node);
                    continue;
                }
                nodes.AddRange(Product(document, left, right, matrix, node.Outputs[0], options.WeightBits, activations));
                products++;
            }
            else if (!stays && node is { Op: "Gather", Inputs: [var table, var indices] } && (node.Integer("axis") ?? 0) == 0 && document.Matrix(table) is { } rows && rows.Values.Length >= options.SmallestMatrix)
            {
                nodes.AddRange(Lookup(document, table, indices, rows, node.Outputs[0]));
                tables++;
            }
            else
            {
                nodes.Add(node);
            }
        }
        document.AllNodes.Clear();
        document.AllNodes.AddRange(nodes);
        var read = nodes.SelectMany(node => node.Inputs).ToHashSet(StringComparer.Ordinal);
        foreach (var unread in document.Constants.Keys.Where(name => !read.Contains(name)).ToArray())
            document.Constants.Remove(unread);
        return (document, new(products, tables, kept));
    }

    /// <summary>A matrix as it was before it was quantised, each number within half a step of its column; as it stands where it was not.</summary>
    /// <exception cref="InvalidDataException">There is no such matrix.</exception>
    public static (long Rows, long Columns, float[] Values) Restore(OnnxDocument document, string name)
    {
        if (document.Matrix(name) is { } whole)
            return whole;
        if (document.Bytes(name + Integers) is not var (rows, columns, steps) || document.Vector(name + Scale) is not { } scales || scales.Length != columns)
            throw new InvalidDataException($"There is no matrix {name}.");
        var values = new float[steps.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = steps[i] * scales[i % columns];
        return (rows, columns, values);
    }

    static IEnumerable<OnnxNode> Product(OnnxDocument document, string left, string right, (long Rows, long Columns, float[] Values) matrix, string output, int bits, Dictionary<string, string> activations)
    {
        var scales = new float[matrix.Columns];
        var values = Columns(matrix, (1 << bits - 1) - 1, scales);
        var weights = document.Constant(right + Integers, OnnxTensor.Of(values, matrix.Rows, matrix.Columns));
        var columns = document.Constant(right + Scale, OnnxTensor.Of(scales, matrix.Columns));
        // What is multiplied with several matrices is quantised once.
        if (!activations.TryGetValue(left, out var quantized))
        {
            activations.Add(left, quantized = output + "/quantized");
            yield return OnnxNode.Of("DynamicQuantizeLinear", [left], [quantized, quantized + "/scale", quantized + "/zero"]);
        }
        yield return OnnxNode.Of("MatMulInteger", [quantized, weights, quantized + "/zero"], [output + "/integer"]);
        yield return OnnxNode.Of("Cast", [output + "/integer"], [output + "/float"], OnnxAttribute.Of("to", (long)ElementType.Float));
        yield return OnnxNode.Of("Mul", [quantized + "/scale", columns], [output + "/scale"]);
        yield return OnnxNode.Of("Mul", [output + "/float", output + "/scale"], [output]);
    }

    static IEnumerable<OnnxNode> Lookup(OnnxDocument document, string table, string indices, (long Rows, long Columns, float[] Values) matrix, string output)
    {
        var scales = new float[matrix.Rows];
        var values = Rows(matrix, scales);
        var rows = document.Constant(table + Integers, OnnxTensor.Of(values, matrix.Rows, matrix.Columns));
        var factors = document.Constant(table + Scale, OnnxTensor.Of(scales, matrix.Rows, 1));
        yield return OnnxNode.Of("Gather", [rows, indices], [output + "/integer"], OnnxAttribute.Of("axis", 0L));
        yield return OnnxNode.Of("Cast", [output + "/integer"], [output + "/float"], OnnxAttribute.Of("to", (long)ElementType.Float));
        yield return OnnxNode.Of("Gather", [factors, indices], [output + "/scale"], OnnxAttribute.Of("axis", 0L));
        yield return OnnxNode.Of("Mul", [output + "/float", output + "/scale"], [output]);
    }

    static sbyte[] Columns((long Rows, long Columns, float[] Values) matrix, int largest, float[] scales)
    {
        var width = (int)matrix.Columns;
        for (var i = 0; i < matrix.Values.Length; i++)
            scales[i % width] = Math.Max(scales[i % width], Math.Abs(matrix.Values[i]));
        for (var column = 0; column < width; column++)
            scales[column] = scales[column] == 0 ? 1 : scales[column] / largest;
        var values = new sbyte[matrix.Values.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = Round(matrix.Values[i] / scales[i % width], largest);
        return values;
    }

    static sbyte[] Rows((long Rows, long Columns, float[] Values) matrix, float[] scales)
    {
        var width = (int)matrix.Columns;
        var values = new sbyte[matrix.Values.Length];
        for (var row = 0; row < scales.Length; row++)
        {
            var numbers = matrix.Values.AsSpan(row * width, width);
            var most = Math.Abs(TensorPrimitives.MaxMagnitude(numbers));
            scales[row] = most == 0 ? 1 : most / sbyte.MaxValue;
            for (var column = 0; column < width; column++)
                values[row * width + column] = Round(numbers[column] / scales[row], sbyte.MaxValue);
        }
        return values;
    }

    static sbyte Round(float value, int largest) => (sbyte)Math.Clamp(MathF.Round(value), -largest, largest);
}
