using System.Globalization;

namespace AiOs.Models.Onnx;

/// <summary>An ONNX graph under construction. Values are known by name; nodes stand in the order in which they run.
/// Source: https://github.com/onnx/onnx/blob/main/docs/IR.md, field numbers from onnx.proto.</summary>
internal sealed class OnnxGraph(string name)
{
    const int NodeField = 1, NameField = 2, InitializerField = 5, InputField = 11, OutputField = 12;
    readonly List<ProtoMessage> nodes = [], inputs = [], outputs = [];
    readonly Dictionary<string, OnnxTensor> initializers = new(StringComparer.Ordinal);
    int temporaries;

    /// <summary>How many nodes have been added.</summary>
    public int Nodes => nodes.Count;

    /// <summary>A name that nothing else in the graph has.</summary>
    public string Temporary() => string.Create(CultureInfo.InvariantCulture, $"_{temporaries++}");

    /// <summary>Declares an input; a dimension is a length (long) or a name (string) where the length is free.</summary>
    public void Input(string value, ElementType type, params ReadOnlySpan<object> shape) => inputs.Add(Describe(value, type, shape));

    /// <summary>Declares an output, as <see cref="Input"/>.</summary>
    public void Output(string value, ElementType type, params ReadOnlySpan<object> shape) => outputs.Add(Describe(value, type, shape));

    /// <summary>Adds a constant and returns its name.</summary>
    public string Constant(string value, OnnxTensor tensor)
    {
        initializers[value] = tensor;
        return value;
    }

    /// <inheritdoc cref="Constant(string, OnnxTensor)"/>
    public string Constant(params ReadOnlySpan<long> values) => Constant(Temporary(), OnnxTensor.Of(values));

    /// <summary>Takes a constant out that a rewritten node does not read any more.</summary>
    public void Forget(string value) => initializers.Remove(value);

    /// <summary>Adds a node with one output and returns the output's name.</summary>
    public string Node(string op, IReadOnlyList<string> from, string to, params ReadOnlySpan<OnnxAttribute> attributes)
    {
        Node(op, from, [to], attributes);
        return to;
    }

    /// <summary>Adds a node with several outputs.</summary>
    public void Node(string op, IReadOnlyList<string> from, IReadOnlyList<string> to, params ReadOnlySpan<OnnxAttribute> attributes)
        => nodes.Add(Encode(op, from, to, attributes));

    /// <summary>A node as NodeProto.</summary>
    public static ProtoMessage Encode(string op, IReadOnlyList<string> from, IReadOnlyList<string> to, ReadOnlySpan<OnnxAttribute> attributes)
    {
        var node = new ProtoMessage();
        foreach (var input in from)
            node.Text(1, input);
        foreach (var output in to)
            node.Text(2, output);
        node.Text(3, $"{to[0]}/{op}").Text(4, op);
        foreach (var attribute in attributes)
            node.Message(5, attribute.Encoded);
        return node;
    }

    /// <summary>The graph as GraphProto.</summary>
    public ProtoMessage Encode()
    {
        var graph = new ProtoMessage();
        foreach (var node in nodes)
            graph.Message(NodeField, node);
        graph.Text(NameField, name);
        foreach (var (value, tensor) in initializers)
            graph.Message(InitializerField, tensor.Encode(value));
        foreach (var input in inputs)
            graph.Message(InputField, input);
        foreach (var output in outputs)
            graph.Message(OutputField, output);
        return graph;
    }

    static ProtoMessage Describe(string value, ElementType type, ReadOnlySpan<object> shape)
    {
        var dimensions = new ProtoMessage();
        foreach (var dimension in shape)
            dimensions.Message(1, dimension is string free
                ? new ProtoMessage().Text(2, free)
                : new ProtoMessage().Number(1, Convert.ToInt64(dimension, CultureInfo.InvariantCulture)));
        var tensor = new ProtoMessage().Number(1, (long)type).Message(2, dimensions);
        return new ProtoMessage().Text(1, value).Message(2, new ProtoMessage().Message(1, tensor));
    }
}
