using AiOs.Models.Onnx;

namespace AiOs.Models.Conversion;

/// <summary>Operators that pick elements by index, or put them there.</summary>
static class ScatterOperators
{
    public static IReadOnlyDictionary<string, OperatorConversion> All { get; } = new Dictionary<string, OperatorConversion>(StringComparer.Ordinal)
    {
        ["GatherV2"] = (node, from, to) => to.Node("Gather", [node.Inputs[0], node.Inputs[1]], node.Name, OnnxAttribute.Of("axis", from.Integers(node.Inputs[2])[0])),
        // Where lists one index a row, NonZero one a column.
        ["Where"] = (node, _, to) => to.Node("Transpose", [to.Node("NonZero", node.Inputs, to.Temporary())], node.Name, OnnxAttribute.Of("perm", 1L, 0L)),
        ["ScatterNd"] = (node, _, to) => to.Node("ScatterND", [Filled(to, node.Inputs[2], OnnxTensor.Of([0f], 1)), node.Inputs[0], node.Inputs[1]], node.Name),
        ["SparseToDense"] = (node, from, to) =>
            to.Node("ScatterND", [Filled(to, node.Inputs[1], OnnxTensor.Of(from.Integers(node.Inputs[3])[0])), node.Inputs[0], node.Inputs[2]], node.Name),
    };

    static string Filled(OnnxGraph to, string shape, OnnxTensor value) => to.Node("ConstantOfShape", [shape], to.Temporary(), OnnxAttribute.Of("value", value));
}
