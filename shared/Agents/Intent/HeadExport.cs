using System.Numerics.Tensors;
using AiOs.Models.Onnx;
using AiOs.Models.Sentences;

namespace AiOs.Agents.Intent;

/// <summary>Writes a head as ONNX: inputs <c>embedding[1,512]</c>, <c>index int64[n]</c>, <c>weight float[n]</c>; output <c>probabilities[1,labels]</c>.
/// Gathering the rows of the n-grams that a message has, instead of multiplying by all, makes a run cost microseconds.</summary>
static class HeadExport
{
    /// <summary>No head is larger, in bytes.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    const int MaxRows = 65_536, HashedRowBytes = 16, Spare = 1024 * 1024;

    /// <summary>How many n-grams a head may know whose first layer has <paramref name="width"/> outputs: their weights are half floats, their hashes base64.</summary>
    public static int RowLimit(int width, int labels) =>
        Math.Min(MaxRows, (MaxBytes - Spare - (SentenceEncoder.Dimensions * width + HiddenTraining.Units * labels) * sizeof(float)) / (width * 2 + HashedRowBytes));

    public static ReadOnlyMemory<byte> Encode(HeadModel model, float temperature, IReadOnlyDictionary<string, string> metadata)
    {
        var graph = new OnnxGraph("intent-head");
        graph.Input("embedding", ElementType.Float, 1L, (long)SentenceEncoder.Dimensions);
        graph.Input("index", ElementType.Int64, "n");
        graph.Input("weight", ElementType.Float, "n");
        var summed = graph.Node("Add", [DenseOutputs(graph, model), SparseOutputs(graph, model)], "summed");
        var biased = graph.Node("Add", [summed, graph.Constant("bias", OnnxTensor.Of(model.First.Bias, 1, model.First.Width))], "biased");
        var logits = model.Output is { } output ? Hidden(graph, output, biased, model.Labels) : biased;
        var scaled = graph.Node("Div", [logits, graph.Constant("temperature", OnnxTensor.Of([temperature], 1))], "scaled");
        graph.Node("Softmax", [scaled], "probabilities", OnnxAttribute.Of("axis", 1L));
        graph.Output("probabilities", ElementType.Float, 1L, (long)model.Labels);
        return OnnxModel.Encode(graph, metadata);
    }

    /// <summary>The second layer over rectified units.</summary>
    static string Hidden(OnnxGraph graph, OutputLayer output, string units, int labels)
    {
        var product = graph.Node("MatMul", [graph.Node("Relu", [units], "hidden"), graph.Constant("output", OnnxTensor.Of(output.Weights, output.Units, labels))], "product");
        return graph.Node("Add", [product, graph.Constant("outputBias", OnnxTensor.Of(output.Bias, 1, labels))], "logits");
    }

    /// <summary>The sentence vector, centred and scaled as in training, times its weights.</summary>
    static string DenseOutputs(OnnxGraph graph, HeadModel model)
    {
        var width = model.Space.Mean.Length;
        var centred = graph.Node("Sub", ["embedding", graph.Constant("mean", OnnxTensor.Of(model.Space.Mean, 1, width))], "centred");
        var length = graph.Node("ReduceL2", [centred], "length", OnnxAttribute.Of("axes", [1L]), OnnxAttribute.Of("keepdims", 1L));
        var divisor = graph.Node("Max", [length, graph.Constant("smallest", OnnxTensor.Of([1e-12f], 1))], "divisor");
        var unit = graph.Node("Div", [centred, divisor], "unit");
        var weights = new float[model.First.Dense.Length];
        TensorPrimitives.Multiply(model.First.Dense, GramVocabulary.Share, weights);
        return graph.Node("MatMul", [unit, graph.Constant("dense", OnnxTensor.Of(weights, width, model.First.Width))], "denseOutputs");
    }

    /// <summary>The rows of the n-grams, summed by their weights.</summary>
    static string SparseOutputs(OnnxGraph graph, HeadModel model)
    {
        var weights = new Half[model.First.Sparse.Length];
        TensorPrimitives.ConvertToHalf(model.First.Sparse, weights);
        var table = graph.Constant("sparse", OnnxTensor.Of(weights, model.Space.Vocabulary.Count, model.First.Width));
        var rows = graph.Node("Cast", [graph.Node("Gather", [table, "index"], "rows")], "floatRows", OnnxAttribute.Of("to", (long)ElementType.Float));
        var row = graph.Node("Unsqueeze", ["weight", graph.Constant(0L)], "weightRow");
        return graph.Node("MatMul", [row, rows], "sparseOutputs");
    }
}
