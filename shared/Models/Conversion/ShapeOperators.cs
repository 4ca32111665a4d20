using AiOs.Models.Onnx;

namespace AiOs.Models.Conversion;

/// <summary>Operators that cut, join and turn tensors.</summary>
static class ShapeOperators
{
    const long End = int.MaxValue;

    public static IReadOnlyDictionary<string, OperatorConversion> All { get; } = new Dictionary<string, OperatorConversion>(StringComparer.Ordinal)
    {
        ["ConcatV2"] = (node, from, to) => to.Node("Concat", [.. node.Inputs.SkipLast(1)], node.Name, OnnxAttribute.Of("axis", from.Integers(node.Inputs[^1])[0])),
        ["ExpandDims"] = (node, from, to) => to.Node("Unsqueeze", [node.Inputs[0], to.Constant(from.Integers(node.Inputs[1])[0])], node.Name),
        ["Squeeze"] = (node, _, to) => to.Node("Squeeze", [node.Inputs[0], to.Constant(node.Numbers("squeeze_dims"))], node.Name),
        ["Transpose"] = (node, from, to) => to.Node("Transpose", [node.Inputs[0]], node.Name, OnnxAttribute.Of("perm", from.Integers(node.Inputs[1]).AsSpan())),
        ["SplitV"] = Split,
        ["Pack"] = Pack,
        ["Slice"] = Slice,
        ["StridedSlice"] = StridedSlice,
    };

    static void Split(TensorFlowNode node, TensorFlowGraph from, OnnxGraph to)
    {
        var parts = Enumerable.Range(0, (int)node.Number("num_split")).Select(part => part == 0 ? node.Name : $"{node.Name}:{part}").ToArray();
        to.Node("Split", [node.Inputs[0], node.Inputs[1]], parts, OnnxAttribute.Of("axis", from.Integers(node.Inputs[2])[0]));
    }

    static void Pack(TensorFlowNode node, TensorFlowGraph from, OnnxGraph to)
    {
        var axis = node.Number("axis");
        var parts = node.Inputs.Select(input => to.Node("Unsqueeze", [input, to.Constant(axis)], to.Temporary())).ToArray();
        to.Node("Concat", parts, node.Name, OnnxAttribute.Of("axis", axis));
    }

    static void Slice(TensorFlowNode node, TensorFlowGraph from, OnnxGraph to)
    {
        var (begin, size) = (from.Integers(node.Inputs[1]), from.Integers(node.Inputs[2]));
        var end = begin.Zip(size, (start, length) => length < 0 ? End : start + length).ToArray();
        long[] axes = [.. Enumerable.Range(0, begin.Length)];
        to.Node("Slice", [node.Inputs[0], to.Constant(begin), to.Constant(end), to.Constant(axes)], node.Name);
    }

    /// <summary>begin:end:stride per axis; a mask bit frees one side of an axis, or takes one element of it and drops the axis.</summary>
    static void StridedSlice(TensorFlowNode node, TensorFlowGraph from, OnnxGraph to)
    {
        if (node.Number("ellipsis_mask") != 0 || node.Number("new_axis_mask") != 0)
            throw new InvalidDataException($"StridedSlice '{node.Name}' uses an ellipsis or a new axis, which are not known.");
        var (begin, end, stride) = (from.Integers(node.Inputs[1]), from.Integers(node.Inputs[2]), from.Integers(node.Inputs[3]));
        var (freeBegin, freeEnd, drop) = (node.Number("begin_mask"), node.Number("end_mask"), node.Number("shrink_axis_mask"));
        List<long> axes = [], starts = [], ends = [], steps = [], dropped = [];
        for (var axis = 0; axis < begin.Length; axis++)
        {
            var single = IsSet(drop, axis);
            var start = !single && IsSet(freeBegin, axis) ? 0 : begin[axis];
            var stop = single ? After(start) : IsSet(freeEnd, axis) ? End : end[axis];
            if (single)
                dropped.Add(axis);
            else if (start == 0 && stop == End && stride[axis] == 1)
                continue;
            axes.Add(axis);
            starts.Add(start);
            ends.Add(stop);
            steps.Add(single ? 1 : stride[axis]);
        }
        string[] inputs = [node.Inputs[0], to.Constant([.. starts]), to.Constant([.. ends]), to.Constant([.. axes]), to.Constant([.. steps])];
        if (dropped.Count == 0)
            to.Node("Slice", inputs, node.Name);
        else
            to.Node("Squeeze", [to.Node("Slice", inputs, to.Temporary()), to.Constant([.. dropped])], node.Name);
    }

    static bool IsSet(long mask, int axis) => (mask >> axis & 1) != 0;

    static long After(long index) => index == -1 ? End : index + 1;
}
