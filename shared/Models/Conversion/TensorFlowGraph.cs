using System.Security.Cryptography;
using System.Text.Json;

namespace AiOs.Models.Conversion;

/// <summary>A TensorFlow.js graph model: its nodes in the order in which they run, and its constants.</summary>
sealed class TensorFlowGraph
{
    readonly Dictionary<string, TensorFlowTensor> constants = new(StringComparer.Ordinal);

    TensorFlowGraph(IReadOnlyList<TensorFlowNode> nodes, byte[] digest)
    {
        Nodes = nodes;
        Digest = digest;
    }

    public IReadOnlyList<TensorFlowNode> Nodes { get; }

    /// <summary>SHA-256 of the topology and of all weights.</summary>
    public byte[] Digest { get; }

    /// <summary>The constant called <paramref name="name"/> (an input of a node, with or without its port).</summary>
    public TensorFlowTensor Constant(string name) => constants.TryGetValue(TensorFlowNode.Producer(name), out var tensor)
        ? tensor
        : throw new InvalidDataException($"'{name}' is read as a constant but is none.");

    /// <summary>The constant's integers, as attributes and shapes need them.</summary>
    public long[] Integers(string name) => Constant(name).Integers();

    /// <summary>Reads model.json and the weight shards beside it.</summary>
    public static TensorFlowGraph Read(string path)
    {
        var topology = File.ReadAllBytes(path);
        using var document = JsonDocument.Parse(topology);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(topology);
        var nodes = document.RootElement.GetProperty("modelTopology").GetProperty("node").EnumerateArray().Select(TensorFlowNode.Read).ToArray();
        var tensors = new Dictionary<string, TensorFlowTensor>(StringComparer.Ordinal);
        foreach (var group in document.RootElement.GetProperty("weightsManifest").EnumerateArray())
        {
            var weights = ReadShards(Path.GetDirectoryName(path)!, group);
            hash.AppendData(weights);
            Split(weights, group, tensors);
        }
        var graph = new TensorFlowGraph(nodes, hash.GetHashAndReset());
        foreach (var (name, tensor) in tensors)
            graph.constants.Add(name, tensor);
        return graph;
    }

    static byte[] ReadShards(string directory, JsonElement group)
    {
        using var all = new MemoryStream();
        foreach (var shard in group.GetProperty("paths").EnumerateArray())
            all.Write(File.ReadAllBytes(Path.Combine(directory, shard.GetString()!)));
        return all.ToArray();
    }

    static void Split(byte[] weights, JsonElement group, Dictionary<string, TensorFlowTensor> into)
    {
        var offset = 0;
        foreach (var entry in group.GetProperty("weights").EnumerateArray())
        {
            var tensor = TensorFlowTensor.Read(entry, weights.AsSpan(offset));
            into.Add(entry.GetProperty("name").GetString()!, tensor);
            offset += tensor.Raw.Length;
        }
        if (offset != weights.Length)
            throw new InvalidDataException($"The weights have {weights.Length} bytes, their manifest describes {offset}.");
    }
}
