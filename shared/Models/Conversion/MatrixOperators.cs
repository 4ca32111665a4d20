using AiOs.Models.Onnx;

namespace AiOs.Models.Conversion;

/// <summary>Matrix products, and the 1x1 convolutions that are matrix products in disguise.</summary>
static class MatrixOperators
{
    public static IReadOnlyDictionary<string, OperatorConversion> All { get; } = new Dictionary<string, OperatorConversion>(StringComparer.Ordinal)
    {
        ["MatMul"] = MatMul,
        ["BatchMatMul"] = BatchMatMul,
        ["Conv2D"] = PointwiseConvolution,
    };

    static void MatMul(TensorFlowNode node, TensorFlowGraph from, OnnxGraph to)
    {
        if (node.Flag("transpose_a") || node.Flag("transpose_b"))
            throw new InvalidDataException($"MatMul '{node.Name}' transposes, which is not known.");
        to.Node("MatMul", node.Inputs, node.Name);
    }

    static void BatchMatMul(TensorFlowNode node, TensorFlowGraph from, OnnxGraph to)
    {
        if (node.Flag("adj_x"))
            throw new InvalidDataException($"BatchMatMul '{node.Name}' transposes its left side, which is not known.");
        // The heads of the attention: batch, head, row, column.
        var right = node.Flag("adj_y") ? to.Node("Transpose", [node.Inputs[1]], to.Temporary(), OnnxAttribute.Of("perm", 0L, 1L, 3L, 2L)) : node.Inputs[1];
        to.Node("MatMul", [node.Inputs[0], right], node.Name);
    }

    static void PointwiseConvolution(TensorFlowNode node, TensorFlowGraph from, OnnxGraph to)
    {
        var kernel = from.Constant(node.Inputs[1]);
        if (kernel.Shape is not [1, 1, var channels, var filters])
            throw new InvalidDataException($"Conv2D '{node.Name}' is not 1x1, which is not known.");
        to.Forget(TensorFlowNode.Producer(node.Inputs[1]));
        var matrix = to.Constant(to.Temporary(), new(ElementType.Float, [channels, filters], kernel.Raw));
        to.Node("MatMul", [node.Inputs[0], matrix], node.Name);
    }
}
