using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace AiOs.Models.Onnx;

/// <summary>A model file that was read, to be changed and written again: its nodes, constants and metadata; everything else stays as it stands.
/// Field numbers from onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).</summary>
internal sealed class OnnxDocument
{
    const int Graph = 7, Metadata = 14, Functions = 25, Nodes = 1, Initializers = 5;
    const string DigestKey = "aios.digest";
    readonly MemoryStream restOfModel = new(), restOfGraph = new();

    /// <summary>In the order in which they run.</summary>
    public List<OnnxNode> AllNodes { get; } = [];

    /// <summary>Constants by name, as TensorProto.</summary>
    public Dictionary<string, byte[]> Constants { get; } = new(StringComparer.Ordinal);

    /// <summary>The model's properties.</summary>
    public Dictionary<string, string> Properties { get; private init; } = new(StringComparer.Ordinal);

    /// <exception cref="InvalidDataException">This is no ONNX model.</exception>
    public static OnnxDocument Read(ReadOnlySpan<byte> file)
    {
        var document = new OnnxDocument { Properties = ReadProperties(file) };
        for (var field = new ProtoReader(file); field.Next();)
            if (field.Field == Graph)
                document.ReadGraph(field.Bytes);
            else if (field.Field != Metadata)
                document.restOfModel.Write(field.Whole);
        return document.AllNodes.Count > 0 ? document : throw new InvalidDataException("It is no ONNX model: there is no graph in it.");
    }

    /// <summary>Only the properties.</summary>
    /// <exception cref="InvalidDataException">This is no ONNX model, or a property stands in it twice.</exception>
    public static Dictionary<string, string> ReadProperties(ReadOnlySpan<byte> file)
    {
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var field = new ProtoReader(file); field.Next();)
            if (field.Field == Metadata && Property(field.Bytes) is var (key, value) && !properties.TryAdd(key, value))
                throw new InvalidDataException($"Its property '{key}' stands in it twice.");
        return properties;
    }

    /// <summary>Every kind of node in the model, those of inner graphs and functions included.</summary>
    public static HashSet<string> Operators(ReadOnlySpan<byte> file)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        for (var field = new ProtoReader(file); field.Next();)
            if (field.Field == Graph)
                Collect(field.Bytes, nodes: Nodes, found);
            else if (field.Field == Functions)
                Collect(field.Bytes, nodes: 7, found);
        return found;
    }

    /// <summary>SHA-256 over the file without the property that holds it: what a record in the properties can vouch for.</summary>
    public static string Digest(ReadOnlySpan<byte> file)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var field = new ProtoReader(file); field.Next();)
            if (field.Field != Metadata || Property(field.Bytes).Key != DigestKey)
                hash.AppendData(field.Whole);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The float constant called <paramref name="name"/>, or null where it is none of two dimensions.</summary>
    public (long Rows, long Columns, float[] Values)? Matrix(string name) => Floats(name) is ([var rows, var columns], var values) ? (rows, columns, values) : null;

    /// <summary>The float constant called <paramref name="name"/>, or null where it is none of one dimension.</summary>
    public float[]? Vector(string name) => Floats(name) is ([_], var values) ? values : null;

    /// <summary>The constant of signed bytes called <paramref name="name"/>, or null where it is none of two dimensions.</summary>
    public (long Rows, long Columns, sbyte[] Values)? Bytes(string name) => Read<sbyte>(name, ElementType.Int8) is ([var rows, var columns], var values) ? (rows, columns, values) : null;

    (List<long> Shape, float[] Values)? Floats(string name) => Read<float>(name, ElementType.Float);

    (List<long> Shape, T[] Values)? Read<T>(string name, ElementType wanted)
        where T : unmanaged
    {
        if (!Constants.TryGetValue(name, out var encoded))
            return null;
        List<long> shape = [];
        var (type, values) = (0UL, Array.Empty<T>());
        for (var field = new ProtoReader(encoded); field.Next();)
            switch (field.Field)
            {
                case 1: field.AddNumbers(shape); break;
                case 2: type = field.Number; break;
                case 4 or 9: values = MemoryMarshal.Cast<byte, T>(field.Bytes).ToArray(); break;
                default: break;
            }
        return type == (ulong)wanted && values.Length == shape.Aggregate(1L, (product, length) => product * length) ? (shape, values) : null;
    }

    /// <summary>Adds or replaces a constant and returns its name.</summary>
    public string Constant(string name, OnnxTensor tensor)
    {
        Constants[name] = tensor.Encode(name).Encoded.ToArray();
        return name;
    }

    /// <summary>The file. The digest of everything in it is its last property.</summary>
    public byte[] Encode()
    {
        var graph = new ProtoMessage().Raw(restOfGraph.ToArray());
        foreach (var node in AllNodes)
            graph.Bytes(Nodes, node.Encoded);
        foreach (var constant in Constants.Values)
            graph.Bytes(Initializers, constant);
        var model = new ProtoMessage().Raw(restOfModel.ToArray()).Message(Graph, graph);
        foreach (var (key, value) in Properties.Where(property => property.Key != DigestKey).OrderBy(property => property.Key, StringComparer.Ordinal))
            model.Message(Metadata, new ProtoMessage().Text(1, key).Text(2, value));
        return model.Message(Metadata, new ProtoMessage().Text(1, DigestKey).Text(2, Digest(model.Encoded))).Encoded.ToArray();
    }

    /// <summary>Whether the digest in the properties is that of the file.</summary>
    public static bool IsIntact(ReadOnlySpan<byte> file, IReadOnlyDictionary<string, string> properties) => properties.TryGetValue(DigestKey, out var digest) && digest == Digest(file);

    void ReadGraph(ReadOnlySpan<byte> graph)
    {
        for (var field = new ProtoReader(graph); field.Next();)
            if (field.Field == Nodes)
                AllNodes.Add(OnnxNode.Read(field.Bytes));
            else if (field.Field == Initializers)
                Constants[NameOf(field.Bytes)] = field.Bytes.ToArray();
            else
                restOfGraph.Write(field.Whole);
    }

    static void Collect(ReadOnlySpan<byte> graph, int nodes, HashSet<string> found)
    {
        for (var node = new ProtoReader(graph); node.Next();)
            if (node.Field == nodes)
                for (var part = new ProtoReader(node.Bytes); part.Next();)
                    if (part.Field == 4)
                        found.Add(part.Text);
                    else if (part.Field == 5)
                        for (var inner = new ProtoReader(part.Bytes); inner.Next();)
                            if (inner.Field is 6 or 11)   // graphs of If, Loop and Scan
                                Collect(inner.Bytes, Nodes, found);
    }

    static string NameOf(ReadOnlySpan<byte> tensor)
    {
        for (var field = new ProtoReader(tensor); field.Next();)
            if (field.Field == 8)
                return field.Text;
        return "";
    }

    static (string Key, string Value) Property(ReadOnlySpan<byte> entry)
    {
        var (key, value) = ("", "");
        for (var field = new ProtoReader(entry); field.Next();)
            if (field.Field == 1)
                key = field.Text;
            else if (field.Field == 2)
                value = field.Text;
        return (key, value);
    }
}
