using AiOs.Models.Onnx;

namespace AiOs.Models.FineTuning;

/// <summary>Writes layers of BERT, the pooling and a softmax layer into an ONNX graph; and, where parameters are inputs instead of constants, the derivatives of them all by reverse accumulation, node for
/// node, so that ONNX Runtime computes both. Tokens stand in rows, sentence after sentence, all of one length; there is no mask.</summary>
/// <param name="graph">What is written into.</param>
/// <param name="prefix">What the names of all values begin with.</param>
/// <param name="trained">Parameters are inputs, and each has an output with its derivative.</param>
internal sealed class LayerGraph(OnnxGraph graph, string prefix, bool trained)
{
    /// <summary>The inputs that give lengths where a graph is trained: <c>[sentences, tokens, heads, numbers]</c>, <c>[sentences, tokens, numbers]</c>, and one by the number of tokens.</summary>
    public const string ByHeadShape = "byHead", BySentenceShape = "bySentence", TokenShare = "tokenShare";

    const float Smallest = 1e-12f;
    readonly string byHead = trained ? ByHeadShape : graph.Constant(1, -1, UpperLayers.Heads, UpperLayers.HeadSize), bySentence = trained ? BySentenceShape : graph.Constant(1, -1, UpperLayers.Size);
    readonly string byToken = graph.Constant(-1, UpperLayers.Size);
    int values;

    /// <summary>Where the derivative of a parameter comes out.</summary>
    public static string Gradient(Parameter parameter) => $"{parameter.Name}/gradient";

    /// <summary>A layer over <paramref name="hidden"/>. What it returns goes back: from the derivative by its output to that by its input, null where nobody asks for it.</summary>
    /// <param name="hidden">Tokens by numbers.</param>
    /// <param name="layer">What it has learnt.</param>
    /// <param name="masks">Where a graph is trained: what the outputs of the attention and of the inner numbers are multiplied by (dropout).</param>
    /// <param name="isFirst">Nobody asks for the derivative by its input.</param>
    public (string Hidden, Func<string, string?> Back) Layer(string hidden, BertLayer layer, (string Attended, string Down)? masks, bool isFirst)
    {
        var (three, threeBack) = Product(hidden, layer.Three, isFirst);
        var (seen, seenBack) = Attention(three);
        var (attended, attendedBack) = Product(seen, layer.Attended);
        var (middle, middleBack) = Normalized(Op("Add", Masked(attended, masks?.Attended), hidden), layer.Middle);
        var (up, upBack) = Product(middle, layer.Up);
        var (active, activeBack) = Gelu(up);
        var (down, downBack) = Product(active, layer.Down);
        var (end, endBack) = Normalized(Op("Add", Masked(down, masks?.Down), middle), layer.End);
        return (end, by =>
        {
            var bySum = endBack(by);
            var byMiddle = Op("Add", bySum, upBack(activeBack(downBack(Masked(bySum, masks?.Down))!))!);
            var byFirstSum = middleBack(byMiddle);
            var byHidden = threeBack(seenBack(attendedBack(Masked(byFirstSum, masks?.Attended))!));
            return byHidden is null ? null : Op("Add", byFirstSum, byHidden);
        });
    }

    /// <summary>The mean over the tokens of each sentence, at length 1 (L2).</summary>
    public (string Vectors, Func<string, string> Back) Pooled(string hidden)
    {
        var mean = Op("ReduceMean", [Op("Reshape", hidden, bySentence)], OnnxAttribute.Of("axes", [1L]), OnnxAttribute.Of("keepdims", 0L));
        var length = Op("ReduceL2", [mean], OnnxAttribute.Of("axes", [1L]));
        var unit = Op("Div", mean, length);
        return (unit, by =>
        {
            var byMean = Op("Div", Op("Sub", by, Op("Mul", unit, Total(Op("Mul", by, unit), -1))), length);
            var byEach = Op("Mul", Op("Unsqueeze", byMean, graph.Constant(1L)), TokenShare);
            return Op("Reshape", Op("Expand", byEach, bySentence), byToken);
        });
    }

    /// <summary>A product with a matrix, and a bias. The way back ends here where it is the first.</summary>
    public (string Outputs, Func<string, string?> Back) Product(string from, Affine affine, bool isFirst = false)
    {
        var weight = Use(affine.Weight);
        var outputs = Op("Add", Op("MatMul", from, weight), Use(affine.Bias));
        return (outputs, by =>
        {
            graph.Node("Gemm", [from, by], Gradient(affine.Weight), OnnxAttribute.Of("transA", 1L));
            Learn(affine.Bias, by);
            return isFirst ? null : Op("Gemm", [by, weight], OnnxAttribute.Of("transB", 1L));
        });
    }

    /// <summary>A node with one output, which gets a name of its own.</summary>
    public string Op(string op, params string[] from) => Op(op, from, []);

    /// <inheritdoc cref="Op(string, string[])"/>
    public string Op(string op, string[] from, params ReadOnlySpan<OnnxAttribute> attributes) => graph.Node(op, from, $"{prefix}{values++}", attributes);

    /// <summary>The sum over an axis, which stays with length 1.</summary>
    public string Total(string of, long axis) => Op("ReduceSum", of, graph.Constant(axis));

    /// <summary>A constant number.</summary>
    public string Number(float value) => graph.Constant(graph.Temporary(), OnnxTensor.Of([value], 1));

    /// <summary>Every token looks at every other, in <see cref="UpperLayers.Heads"/> ways (Vaswani et al. 2017, https://arxiv.org/abs/1706.03762).</summary>
    (string Seen, Func<string, string> Back) Attention(string three)
    {
        string[] parts = [$"{prefix}{values++}", $"{prefix}{values++}", $"{prefix}{values++}"];
        graph.Node("Split", [three, graph.Constant(UpperLayers.Size, UpperLayers.Size, UpperLayers.Size)], parts, OnnxAttribute.Of("axis", 1L));
        var (query, key, value) = (ByHead(parts[0]), ByHead(parts[1]), ByHead(parts[2]));
        var scale = Number(1 / MathF.Sqrt(UpperLayers.HeadSize));
        var shares = Op("Softmax", [Op("Mul", Op("MatMul", query, Turned(key)), scale)], OnnxAttribute.Of("axis", -1L));
        return (ByToken(Op("MatMul", shares, value)), by =>
        {
            var bySeen = ByHead(by);
            var byShares = Op("MatMul", bySeen, Turned(value));
            var byScores = Op("Mul", Op("Mul", shares, Op("Sub", byShares, Total(Op("Mul", byShares, shares), -1))), scale);
            return Op("Concat", [ByToken(Op("MatMul", byScores, key)), ByToken(Op("MatMul", Turned(byScores), query)), ByToken(Op("MatMul", Turned(shares), bySeen))], OnnxAttribute.Of("axis", 1L));
        });
    }

    string ByHead(string tokens) => Op("Transpose", [Op("Reshape", tokens, byHead)], OnnxAttribute.Of("perm", [0L, 2L, 1L, 3L]));

    string ByToken(string heads) => Op("Reshape", Op("Transpose", [heads], OnnxAttribute.Of("perm", [0L, 2L, 1L, 3L])), byToken);

    string Turned(string heads) => Op("Transpose", [heads], OnnxAttribute.Of("perm", [0L, 1L, 3L, 2L]));

    /// <summary>Mean 0 and variance 1 over the numbers of a token, then scaled and moved (Ba et al. 2016, https://arxiv.org/abs/1607.06450).</summary>
    (string Outputs, Func<string, string> Back) Normalized(string from, Affine scale)
    {
        var centred = Op("Sub", from, Mean(from));
        var deviation = Op("Sqrt", Op("Add", Mean(Op("Mul", centred, centred)), Number(Smallest)));
        var unit = Op("Div", centred, deviation);
        var weight = Use(scale.Weight);
        return (Op("Add", Op("Mul", unit, weight), Use(scale.Bias)), by =>
        {
            Learn(scale.Weight, Op("Mul", by, unit));
            Learn(scale.Bias, by);
            var byUnit = Op("Mul", by, weight);
            return Op("Div", Op("Sub", Op("Sub", byUnit, Mean(byUnit)), Op("Mul", unit, Mean(Op("Mul", byUnit, unit)))), deviation);
        });
    }

    string Mean(string of) => Op("ReduceMean", [of], OnnxAttribute.Of("axes", [-1L]));

    /// <summary>x times the share of a normal distribution below x (Hendrycks and Gimpel 2016, https://arxiv.org/abs/1606.08415).</summary>
    (string Outputs, Func<string, string> Back) Gelu(string from)
    {
        var twice = Op("Add", Op("Erf", Op("Div", from, Number(MathF.Sqrt(2)))), Number(1));
        // In this form ONNX Runtime makes one operator of the five.
        return (Op("Mul", Op("Mul", from, twice), Number(0.5f)), by =>
        {
            var share = Op("Mul", twice, Number(0.5f));
            var density = Op("Mul", Op("Exp", Op("Mul", Op("Mul", from, from), Number(-0.5f))), Number(1 / MathF.Sqrt(2 * MathF.PI)));
            return Op("Mul", by, Op("Add", share, Op("Mul", from, density)));
        });
    }

    string Masked(string value, string? mask) => mask is null ? value : Op("Mul", value, mask);

    /// <summary>What every row adds to the derivative of a vector.</summary>
    void Learn(Parameter vector, string byRow) => graph.Node("ReduceSum", [byRow, graph.Constant(0L)], Gradient(vector), OnnxAttribute.Of("keepdims", 0L));

    string Use(Parameter parameter)
    {
        if (!trained)
            return graph.Constant(prefix + parameter.Name, OnnxTensor.Of(parameter.Values, parameter.Shape));
        graph.Input(parameter.Name, ElementType.Float, [.. parameter.Shape.Cast<object>()]);
        graph.Output(Gradient(parameter), ElementType.Float, [.. parameter.Shape.Cast<object>()]);
        return parameter.Name;
    }
}
