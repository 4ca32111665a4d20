using System.Collections.Frozen;
using AiOs.Models.Onnx;

namespace AiOs.Models.Conversion;

/// <summary>What one operator becomes: adds to <paramref name="to"/> the nodes that make the value <c>node.Name</c>.</summary>
delegate void OperatorConversion(TensorFlowNode node, TensorFlowGraph from, OnnxGraph to);

/// <summary>Walks a TensorFlow graph in its own order and writes each node as ONNX. Every value keeps its name.</summary>
static class GraphConverter
{
    static readonly FrozenDictionary<string, OperatorConversion> Operators =
        new[] { SameOperators.All, ShapeOperators.All, ReductionOperators.All, ScatterOperators.All, MatrixOperators.All }
            .SelectMany(table => table)
            .ToFrozenDictionary(entry => entry.Key, entry => entry.Value, StringComparer.Ordinal);

    /// <exception cref="InvalidDataException">The graph has an operator, or a form of one, that is not known.</exception>
    public static (OnnxGraph Graph, string Last) Convert(TensorFlowGraph source)
    {
        var graph = new OnnxGraph("sentence-encoder");
        foreach (var node in source.Nodes)
            switch (node.Op)
            {
                case "Const":
                    graph.Constant(node.Name, source.Constant(node.Name).ToOnnx());
                    break;
                case "Placeholder":
                    break;
                default:
                    if (!Operators.TryGetValue(node.Op, out var convert))
                        throw new InvalidDataException($"The operator {node.Op} ('{node.Name}') is not known.");
                    convert(node, source, graph);
                    break;
            }
        return (graph, source.Nodes[^1].Name);
    }
}
