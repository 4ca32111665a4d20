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

    /// <summary>How many n-grams a head for <paramref name="labels"/> labels may know: their weights are half floats, their hashes base64.</summary>
    public static int RowLimit(int labels) => Math.Min(MaxRows, (MaxBytes - Spare - SentenceEncoder.Dimensions * labels * sizeof(float)) / (labels * 2 + HashedRowBytes));

    public static ReadOnlyMemory<byte> Encode(HeadModel model, float temperature, IReadOnlyDictionary<string, string> metadata)
    {
        var graph = new OnnxGraph("intent-head");
        graph.Input("embedding", ElementType.Float, 1L, (long)SentenceEncoder.Dimensions);
        graph.Input("index", ElementType.Int64, "n");
        graph.Input("weight", ElementType.Float, "n");
        var logits = graph.Node("Add", [DenseLogits(graph, model), SparseLogits(graph, model)], "logits");
        var biased = graph.Node("Add", [logits, graph.Constant("bias", OnnxTensor.Of(model.Weights.Bias, 1, model.Labels))], "biased");
        var scaled = graph.Node("Div", [biased, graph.Constant("temperature", OnnxTensor.Of([temperature], 1))], "scaled");
        graph.Node("Softmax", [scaled], "probabilities", OnnxAttribute.Of("axis", 1L));
        graph.Output("probabilities", ElementType.Float, 1L, (long)model.Labels);
        return OnnxModel.Encode(graph, metadata);
    }

    /// <summary>The sentence vector, centred and scaled as in training, times its weights.</summary>
    static string DenseLogits(OnnxGraph graph, HeadModel model)
    {
        var width = model.Space.Mean.Length;
        var centred = graph.Node("Sub", ["embedding", graph.Constant("mean", OnnxTensor.Of(model.Space.Mean, 1, width))], "centred");
        var length = graph.Node("ReduceL2", [centred], "length", OnnxAttribute.Of("axes", [1L]), OnnxAttribute.Of("keepdims", 1L));
        var divisor = graph.Node("Max", [length, graph.Constant("smallest", OnnxTensor.Of([1e-12f], 1))], "divisor");
        var unit = graph.Node("Div", [centred, divisor], "unit");
        var weights = new float[model.Weights.Dense.Length];
        TensorPrimitives.Multiply(model.Weights.Dense, GramVocabulary.Share, weights);
        return graph.Node("MatMul", [unit, graph.Constant("dense", OnnxTensor.Of(weights, width, model.Labels))], "denseLogits");
    }

    /// <summary>The rows of the n-grams, summed by their weights.</summary>
    static string SparseLogits(OnnxGraph graph, HeadModel model)
    {
        var weights = new Half[model.Weights.Sparse.Length];
        TensorPrimitives.ConvertToHalf(model.Weights.Sparse, weights);
        var table = graph.Constant("sparse", OnnxTensor.Of(weights, model.Space.Vocabulary.Count, model.Labels));
        var rows = graph.Node("Cast", [graph.Node("Gather", [table, "index"], "rows")], "floatRows", OnnxAttribute.Of("to", (long)ElementType.Float));
        var row = graph.Node("Unsqueeze", ["weight", graph.Constant(0L)], "weightRow");
        return graph.Node("MatMul", [row, rows], "sparseLogits");
    }
}
