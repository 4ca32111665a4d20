using AiOs.Models.FineTuning;
using AiOs.Models.Onnx;

namespace AiOs.Agents.Intent.Tuning;

/// <summary>The graph that gives the derivatives of one batch by everything that is learnt. Every sentence is read twice, with other numbers dropped out, and besides being right both readings have to agree
/// (Liang et al. 2021, R-Drop, https://arxiv.org/abs/2106.14448).</summary>
static class TuningGraph
{
    /// <summary>The inputs of a batch beside the lengths of <see cref="LayerGraph"/>: states of its tokens, wanted probabilities [sentences, labels], and what each sentence counts [sentences, 1].</summary>
    public const string States = "states", Wanted = "wanted", Weight = "weight";

    const float Smallest = 1e-9f;

    /// <summary>The input with the mask of the vectors.</summary>
    public const string VectorMask = "vector/mask";

    /// <summary>The inputs with the masks of a layer.</summary>
    public static (string Attended, string Down) Masks(int layer) => ($"{layer}/attended/mask", $"{layer}/down/mask");

    /// <summary>Writes the graph.</summary>
    /// <param name="tuned">What is learnt.</param>
    /// <param name="agreement">How much it counts that both readings agree.</param>
    public static ReadOnlyMemory<byte> Encode(TunedEncoder tuned, float agreement)
    {
        var graph = new OnnxGraph("fine-tuning");
        graph.Input(States, ElementType.Float, "tokens", (long)UpperLayers.Size);
        graph.Input(LayerGraph.ByHeadShape, ElementType.Int64, 4L);
        graph.Input(LayerGraph.BySentenceShape, ElementType.Int64, 3L);
        graph.Input(LayerGraph.TokenShare, ElementType.Float, 1L);
        graph.Input(Wanted, ElementType.Float, "sentences", (long)tuned.Labels);
        graph.Input(Weight, ElementType.Float, "sentences", 1L);
        graph.Input(VectorMask, ElementType.Float, "readings", (long)UpperLayers.Size);
        var layers = new LayerGraph(graph, "v", trained: true);
        var hidden = layers.Op("Concat", [States, States], OnnxAttribute.Of("axis", 0L));
        var way = new Stack<Func<string, string?>>();
        for (var layer = 0; layer < tuned.Upper.Layers.Count; layer++)
        {
            var masks = Masks(layer);
            graph.Input(masks.Attended, ElementType.Float, "allTokens", (long)UpperLayers.Size);
            graph.Input(masks.Down, ElementType.Float, "allTokens", (long)UpperLayers.Size);
            (hidden, var back) = layers.Layer(hidden, tuned.Upper.Layers[layer], masks, isFirst: layer == 0);
            way.Push(back);
        }

        var (vectors, vectorsBack) = layers.Pooled(hidden);
        var (logits, logitsBack) = layers.Product(layers.Op("Mul", tuned.Centred(layers, graph, vectors), VectorMask), tuned.Output);
        var by = vectorsBack(layers.Op("Mul", layers.Op("Mul", logitsBack(Derivative(layers, graph, logits, tuned.Labels, agreement))!, VectorMask), layers.Number(TunedEncoder.Scale)));
        while (way.TryPop(out var back) && back(by) is { } further)
            by = further;
        return OnnxModel.Encode(graph, new Dictionary<string, string>());
    }

    /// <summary>The derivative of the loss by the logits: half the cross entropy of each reading, and half the divergence each way (Kullback-Leibler) times <paramref name="agreement"/>.</summary>
    static string Derivative(LayerGraph layers, OnnxGraph graph, string logits, int labels, float agreement)
    {
        var readings = layers.Op("Reshape", logits, graph.Constant(2, -1, labels));
        var said = layers.Op("Softmax", [readings], OnnxAttribute.Of("axis", -1L));
        var other = layers.Op("Gather", [said, graph.Constant(1, 0)], OnnxAttribute.Of("axis", 0L));
        var apart = layers.Op("Sub", Log(said), Log(other));
        var divergence = layers.Total(layers.Op("Mul", said, apart), -1);
        var disagreement = layers.Op("Add", layers.Op("Mul", said, layers.Op("Sub", apart, divergence)), layers.Op("Sub", said, other));
        var sum = layers.Op("Add", layers.Op("Sub", said, Wanted), layers.Op("Mul", disagreement, layers.Number(agreement)));
        return layers.Op("Reshape", layers.Op("Mul", layers.Op("Mul", sum, Weight), layers.Number(0.5f)), graph.Constant(-1, labels));

        string Log(string probabilities) => layers.Op("Log", layers.Op("Max", probabilities, layers.Number(Smallest)));
    }
}
