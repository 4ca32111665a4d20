using AiOs.Models.Onnx;

namespace AiOs.Models.Conversion;

/// <summary>Operators that have the same inputs and the same meaning on both sides, if not always the same name.</summary>
static class SameOperators
{
    public static IReadOnlyDictionary<string, OperatorConversion> All { get; } = new Dictionary<string, OperatorConversion>(StringComparer.Ordinal)
    {
        ["Less"] = As("Less"),
        ["Greater"] = As("Greater"),
        ["LogicalNot"] = As("Not"),
        ["Add"] = As("Add"),
        ["BiasAdd"] = As("Add"),
        ["Sub"] = As("Sub"),
        ["Mul"] = As("Mul"),
        ["RealDiv"] = As("Div"),
        ["Maximum"] = As("Max"),
        ["Relu"] = As("Relu"),
        ["Tanh"] = As("Tanh"),
        ["Sin"] = As("Sin"),
        ["Cos"] = As("Cos"),
        ["Reshape"] = As("Reshape"),
        ["Shape"] = As("Shape"),
        ["Range"] = As("Range"),
        ["GatherNd"] = As("GatherND"),
        ["Square"] = (node, _, to) => to.Node("Mul", [node.Inputs[0], node.Inputs[0]], node.Name),
        ["Rsqrt"] = (node, _, to) => to.Node("Reciprocal", [to.Node("Sqrt", node.Inputs, to.Temporary())], node.Name),
        ["Softmax"] = (node, _, to) => to.Node("Softmax", node.Inputs, node.Name, OnnxAttribute.Of("axis", -1L)),
        ["Cast"] = (node, _, to) => to.Node("Cast", node.Inputs, node.Name, OnnxAttribute.Of("to", (long)Element(node))),
    };

    static OperatorConversion As(string op) => (node, _, to) => to.Node(op, node.Inputs, node.Name);

    // The numbers of tensorflow/core/framework/types.proto; every integer is 64-bit in the converted graph.
    static ElementType Element(TensorFlowNode node) => node.Type("DstT") switch
    {
        1 => ElementType.Float,
        3 or 9 => ElementType.Int64,
        10 => ElementType.Bool,
        var other => throw new InvalidDataException($"Cast '{node.Name}' to the unknown type {other}."),
    };
}
