using System.Numerics.Tensors;
using AiOs.Models.Onnx;
using AiOs.Models.Sentences;

namespace AiOs.Models.Conversion;

/// <summary>Writes a BERT encoder for one sentence a run: input <c>tokens int64[n]</c>, output <c>embedding[1,384]</c>, the mean of the last layer over all tokens at length 1 (L2), as Sentence-BERT
/// pools (Reimers and Gurevych 2019, https://arxiv.org/abs/1908.10084). Without padding there is no mask; query, key and value are one product, the position and the type of a token one table.</summary>
sealed class BertGraph
{
    /// <summary>The sizes of MiniLM (Wang et al. 2020, https://arxiv.org/abs/2002.10957).</summary>
    public const int Size = 384, Inner = 1536;

    /// <summary>How many layers the lower half has. Of one, two, three and six layers to be tuned three were best.</summary>
    public const int LowerLayers = 3;

    const int Heads = 12, HeadSize = Size / Heads;
    const float Epsilon = 1e-12f;
    readonly OnnxGraph graph = new("bert-sentence");
    readonly BertWeights weights;
    string last = "";

    BertGraph(BertWeights weights) => this.weights = weights;

    /// <summary>The graph for sentences of at most <paramref name="mostTokens"/> tokens.</summary>
    public static OnnxGraph Build(BertWeights weights, int mostTokens) => new BertGraph(weights).Whole(mostTokens, weights.Layers).graph;

    /// <summary>The lower half alone, which also shows its tokens: output <c>states[n,384]</c> beside the embedding, their mean. What is above can be tuned (docs/decisions/0015).</summary>
    public static OnnxGraph BuildLower(BertWeights weights, int mostTokens)
    {
        var lower = new BertGraph(weights).Whole(mostTokens, LowerLayers);
        lower.graph.Node("Identity", [lower.last], SentenceRun.States);
        lower.graph.Output(SentenceRun.States, ElementType.Float, "n", (long)Size);
        return lower.graph;
    }

    BertGraph Whole(int mostTokens, int layers)
    {
        graph.Input("tokens", ElementType.Int64, "n");
        last = Embeddings(mostTokens);
        for (var layer = 0; layer < layers; layer++)
            last = Layer(layer, last);
        Pool(last);
        graph.Output(SentenceRun.Embedding, ElementType.Float, 1L, (long)Size);
        return this;
    }

    string Embeddings(int mostTokens)
    {
        var (words, types) = (weights.Table("word_embeddings"), weights.Table("token_type_embeddings"));
        var positions = weights.Table("position_embeddings")[..(mostTokens * Size)];
        for (var at = 0; at < mostTokens; at++)
            TensorPrimitives.Add(positions.AsSpan(at * Size, Size), types.AsSpan(0, Size), positions.AsSpan(at * Size, Size));
        var word = graph.Node("Gather", [graph.Constant("words", OnnxTensor.Of(words, words.Length / Size, Size)), "tokens"], "word");
        var length = graph.Node("Shape", ["tokens"], "length");
        var position = graph.Node("Slice", [graph.Constant("positions", OnnxTensor.Of(positions, mostTokens, Size)), graph.Constant(0L), length, graph.Constant(0L)], "position");
        return Normalized("embeddings.LayerNorm", graph.Node("Add", [word, position], "embedded"), "start");
    }

    string Layer(int layer, string hidden)
    {
        var (name, to) = ($"encoder.layer.{layer}", $"layer{layer}");
        var attended = Product(layer, BertMatrix.Output, Attention(layer, hidden), $"{name}.attention.output.dense", Size, Size, $"{to}/attended");
        var middle = Normalized($"{name}.attention.output.LayerNorm", graph.Node("Add", [attended, hidden], $"{to}/withHidden"), $"{to}/middle");
        var up = Gelu(Product(layer, BertMatrix.Up, middle, $"{name}.intermediate.dense", Size, Inner, $"{to}/up"), $"{to}/active");
        var down = Product(layer, BertMatrix.Down, up, $"{name}.output.dense", Inner, Size, $"{to}/down");
        return Normalized($"{name}.output.LayerNorm", graph.Node("Add", [down, middle], $"{to}/withMiddle"), $"{to}/hidden");
    }

    /// <summary>Every token looks at every other, in <see cref="Heads"/> ways (Vaswani et al. 2017, https://arxiv.org/abs/1706.03762). The scale of the scores is in the weights of the query.</summary>
    string Attention(int layer, string hidden)
    {
        var to = $"layer{layer}";
        var (matrix, bias) = (new float[Size * 3 * Size], new float[3 * Size]);
        foreach (var (third, part) in new[] { BertMatrix.Query, BertMatrix.Key, BertMatrix.Value }.Index())
        {
            var factor = part == BertMatrix.Query ? 1 / MathF.Sqrt(HeadSize) : 1;
            TensorPrimitives.Multiply(weights.Vector($"encoder.layer.{layer}.attention.self.{part.ToString().ToLowerInvariant()}.bias"), factor, bias.AsSpan(third * Size));
            var own = weights.Matrix(layer, part, Size, Size);
            for (var row = 0; row < Size; row++)
                TensorPrimitives.Multiply(own.AsSpan(row * Size, Size), factor, matrix.AsSpan((row * 3 + third) * Size));
        }
        var product = graph.Node("MatMul", [hidden, graph.Constant($"{to}/three.weight", OnnxTensor.Of(matrix, Size, 3 * Size))], $"{to}/threeProduct");
        var three = graph.Node("Add", [product, graph.Constant($"{to}/three.bias", OnnxTensor.Of(bias, 3 * Size))], $"{to}/three");
        string[] parts = [$"{to}/query", $"{to}/key", $"{to}/value"];
        graph.Node("Split", [three, graph.Constant(Size, Size, Size)], parts, OnnxAttribute.Of("axis", 1L));
        var scores = graph.Node("MatMul", [ByHead(parts[0], 1, 0, 2), ByHead(parts[1], 1, 2, 0)], $"{to}/scores");
        var shares = graph.Node("Softmax", [scores], $"{to}/shares", OnnxAttribute.Of("axis", -1L));
        var seen = graph.Node("MatMul", [shares, ByHead(parts[2], 1, 0, 2)], $"{to}/seenByHead");
        var turned = graph.Node("Transpose", [seen], $"{to}/seenByToken", OnnxAttribute.Of("perm", [1L, 0L, 2L]));
        return graph.Node("Reshape", [turned, graph.Constant(-1, Size)], $"{to}/seen");
    }

    string ByHead(string part, params ReadOnlySpan<long> order)
    {
        var cut = graph.Node("Reshape", [part, graph.Constant(-1, Heads, HeadSize)], $"{part}Cut");
        return graph.Node("Transpose", [cut], $"{part}ByHead", OnnxAttribute.Of("perm", order));
    }

    string Product(int layer, BertMatrix which, string from, string name, int rows, int columns, string to)
    {
        var product = graph.Node("MatMul", [from, graph.Constant($"{name}.weight", OnnxTensor.Of(weights.Matrix(layer, which, rows, columns), rows, columns))], $"{to}Product");
        return graph.Node("Add", [product, graph.Constant($"{name}.bias", OnnxTensor.Of(weights.Vector($"{name}.bias"), columns))], to);
    }

    /// <summary>Mean 0 and variance 1 over the numbers of a token, then scaled and moved (Ba et al. 2016, https://arxiv.org/abs/1607.06450). Written so that ONNX Runtime does not make one operator
    /// of it: its own works number by number and took a quarter of the whole time.</summary>
    string Normalized(string name, string from, string to)
    {
        var axis = OnnxAttribute.Of("axes", [-1L]);
        var centred = graph.Node("Sub", [from, graph.Node("ReduceMean", [from], $"{to}Mean", axis)], $"{to}Centred");
        var variance = graph.Node("ReduceMean", [graph.Node("Mul", [centred, centred], $"{to}Square")], $"{to}Variance", axis);
        var unit = graph.Node("Div", [centred, graph.Node("Sqrt", [variance], $"{to}Deviation")], $"{to}Unit");
        var scaled = graph.Node("Mul", [unit, graph.Constant($"{name}.weight", OnnxTensor.Of(weights.Vector($"{name}.weight"), Size))], $"{to}Scaled");
        return graph.Node("Add", [scaled, graph.Constant($"{name}.bias", OnnxTensor.Of(weights.Vector($"{name}.bias"), Size))], to);
    }

    /// <summary>x times the share of a normal distribution below x (Hendrycks and Gimpel 2016, https://arxiv.org/abs/1606.08415).</summary>
    string Gelu(string from, string to)
    {
        var error = graph.Node("Erf", [graph.Node("Div", [from, graph.Constant("rootOfTwo", OnnxTensor.Of([MathF.Sqrt(2)]))], $"{to}Narrow")], $"{to}Error");
        var share = graph.Node("Add", [error, graph.Constant("one", OnnxTensor.Of([1f]))], $"{to}Share");
        return graph.Node("Mul", [graph.Node("Mul", [from, share], $"{to}Twice"), graph.Constant("half", OnnxTensor.Of([0.5f]))], to);
    }

    void Pool(string hidden)
    {
        var mean = graph.Node("ReduceMean", [hidden], "mean", OnnxAttribute.Of("axes", [0L]));
        var length = graph.Node("ReduceL2", [mean], "meanLength", OnnxAttribute.Of("axes", [1L]));
        graph.Node("Div", [mean, length], SentenceRun.Embedding);
    }
}
