using System.Numerics.Tensors;
using AiOs.Models.Onnx;

namespace AiOs.Agents.Intent;

/// <summary>Writes a head as ONNX: inputs <c>embedding[1,d]</c>, as long as the vectors of its encoder, <c>index int64[n]</c>, <c>weight float[n]</c>; where the encoder was tuned, also <c>states float[m,d]</c>, the message's tokens halfway through it; output <c>probabilities[1,labels]</c>.
/// Gathering the rows of the n-grams that a message has, instead of multiplying by all, makes a run cost microseconds. The first layers of all voters stand beside each
/// other in one table, hidden units in front.</summary>
static class HeadExport
{
    /// <summary>No head is larger, in bytes.</summary>
    public const int MaxBytes = Untuned + 8 * 1024 * 1024;

    /// <summary>What of that is for everything but a tuned encoder.</summary>
    const int Untuned = 16 * 1024 * 1024;

    const int MaxRows = 65_536, HashedRowBytes = 16, Spare = 1024 * 1024;

    /// <summary>How many n-grams a head may know with so many hidden units, labels and numbers of a sentence vector: their weights are half floats, their hashes base64.</summary>
    public static int RowLimit(int hiddenUnits, int labels, int size, bool whitened)
    {
        var width = hiddenUnits + labels;
        var dense = size * (whitened ? 2 * width + size : width);
        return Math.Min(MaxRows, (Untuned - Spare - (dense + hiddenUnits * labels) * sizeof(float)) / (width * 2 + HashedRowBytes));
    }

    public static ReadOnlyMemory<byte> Encode(HeadModel model, float temperature, IReadOnlyDictionary<string, string> metadata)
    {
        var graph = new OnnxGraph("intent-head");
        graph.Input("embedding", ElementType.Float, 1L, (long)model.Space.Mean.Length);
        graph.Input("index", ElementType.Int64, "n");
        graph.Input("weight", ElementType.Float, "n");
        var table = HeadTable.Of(model);
        var summed = graph.Node("Add", [DenseOutputs(graph, model.Space, table), SparseOutputs(graph, model.Space, table)], "summed");
        var biased = graph.Node("Add", [summed, graph.Constant("bias", OnnxTensor.Of(table.Bias, 1, table.Width))], "biased");
        var logits = table.HiddenUnits > 0 ? Hidden(graph, table, biased) : biased;
        if (model.Tuned is not null)
            logits = graph.Node("Add", [logits, model.Tuned.Write(graph)], "allLogits");
        var scaled = graph.Node("Div", [logits, graph.Constant("temperature", OnnxTensor.Of([temperature], 1))], "scaled");
        graph.Node("Softmax", [scaled], "probabilities", OnnxAttribute.Of("axis", 1L));
        graph.Output("probabilities", ElementType.Float, 1L, (long)model.Labels);
        return OnnxModel.Encode(graph, metadata);
    }

    /// <summary>The second layer over rectified units, and what the linear voters say.</summary>
    static string Hidden(OnnxGraph graph, HeadTable table, string outputs)
    {
        var units = graph.Node("Relu", [Columns(graph, outputs, 0, table.HiddenUnits, "units")], "hidden");
        var product = graph.Node("MatMul", [units, graph.Constant("output", OnnxTensor.Of(table.Output, table.HiddenUnits, table.Labels))], "product");
        return graph.Node("Add", [product, Columns(graph, outputs, table.HiddenUnits, table.Width, "linear")], "logits");
    }

    static string Columns(OnnxGraph graph, string from, int start, int end, string to) =>
        graph.Node("Slice", [from, graph.Constant([start]), graph.Constant([end]), graph.Constant(1L)], to);

    /// <summary>The sentence vector, centred and scaled as in training, times its weights; in both views where there are two.</summary>
    static string DenseOutputs(OnnxGraph graph, FeatureSpace space, HeadTable table)
    {
        var size = space.Mean.Length;
        var centred = graph.Node("Sub", ["embedding", graph.Constant("mean", OnnxTensor.Of(space.Mean, 1, size))], "centred");
        var plain = Times(graph, centred, table.Dense(View.Plain), table.Width, "dense");
        if (space.Whitening.Length == 0)
            return plain;
        var whitened = graph.Node("MatMul", [centred, graph.Constant("whitening", OnnxTensor.Of(space.Whitening, size, size))], "whitened");
        return graph.Node("Add", [plain, Times(graph, whitened, table.Dense(View.Whitened), table.Width, "denseWhitened")], "denseOutputs");
    }

    /// <summary>A vector, scaled to length <see cref="GramVocabulary.Share"/>, times <paramref name="weights"/>.</summary>
    static string Times(OnnxGraph graph, string vector, float[] weights, int width, string name)
    {
        var length = graph.Node("ReduceL2", [vector], name + "Length", OnnxAttribute.Of("axes", [1L]), OnnxAttribute.Of("keepdims", 1L));
        var divisor = graph.Node("Max", [length, graph.Constant(name + "Smallest", OnnxTensor.Of([1e-12f], 1))], name + "Divisor");
        var unit = graph.Node("Div", [vector, divisor], name + "Unit");
        TensorPrimitives.Multiply(weights, GramVocabulary.Share, weights);
        return graph.Node("MatMul", [unit, graph.Constant(name, OnnxTensor.Of(weights, weights.Length / width, width))], name + "Product");
    }

    /// <summary>The rows of the n-grams, summed by their weights.</summary>
    static string SparseOutputs(OnnxGraph graph, FeatureSpace space, HeadTable table)
    {
        var weights = new Half[table.Sparse.Length];
        TensorPrimitives.ConvertToHalf(table.Sparse, weights);
        var rows = graph.Node("Gather", [graph.Constant("sparse", OnnxTensor.Of(weights, space.Vocabulary.Count, table.Width)), "index"], "rows");
        var row = graph.Node("Unsqueeze", ["weight", graph.Constant(0L)], "weightRow");
        return graph.Node("MatMul", [row, graph.Node("Cast", [rows], "floatRows", OnnxAttribute.Of("to", (long)ElementType.Float))], "sparseOutputs");
    }
}
