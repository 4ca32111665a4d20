using AiOs.Models.Onnx;

namespace AiOs.Models.Conversion;

/// <summary>Reductions over axes that the graph states as constants.</summary>
static class ReductionOperators
{
    public static IReadOnlyDictionary<string, OperatorConversion> All { get; } = new Dictionary<string, OperatorConversion>(StringComparer.Ordinal)
    {
        // Operator set 13 takes the axes of ReduceSum as an input, those of the others as an attribute.
        ["Sum"] = (node, from, to) => to.Node("ReduceSum", [node.Inputs[0], to.Constant(Axes(node, from))], node.Name, KeepsAxes(node)),
        ["Max"] = Reduce("ReduceMax"),
        ["Mean"] = Reduce("ReduceMean"),
        ["Prod"] = Reduce("ReduceProd"),
    };

    static OperatorConversion Reduce(string op) => (node, from, to) =>
        to.Node(op, [node.Inputs[0]], node.Name, OnnxAttribute.Of("axes", Axes(node, from).AsSpan()), KeepsAxes(node));

    static long[] Axes(TensorFlowNode node, TensorFlowGraph from) => from.Integers(node.Inputs[1]);

    static OnnxAttribute KeepsAxes(TensorFlowNode node) => OnnxAttribute.Of("keepdims", node.Flag("keep_dims") ? 1L : 0L);
}
