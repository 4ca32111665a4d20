using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using AiOs.Models.Parity;
using Microsoft.ML.OnnxRuntime;

namespace AiOs.Models.Conversion;

/// <summary>What TensorFlow.js 4.22 answered from the published package to 26 of our sentences: tokens, and the vectors as half floats in base64. The converted model has to answer the same.</summary>
static class GoldenVectors
{
    static readonly ParityThresholds strict = new(MeanCosine: 0.99999, LowestCosine: 0.9999, LabelAgreement: 1);

    sealed record Entry(string Text, long[] Tokens, string Vector);

    /// <summary>The model with the record of the comparison in it.</summary>
    /// <exception cref="InvalidDataException">It does not answer the same.</exception>
    public static byte[] Gate(ReadOnlyMemory<byte> model, string source)
    {
        using var stream = typeof(GoldenVectors).Assembly.GetManifestResourceStream("golden-vectors.json")!;
        using var content = new MemoryStream();
        stream.CopyTo(content);
        var entries = JsonSerializer.Deserialize<Entry[]>(content.ToArray(), JsonSerializerOptions.Web)!;
        var file = model.ToArray();
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using var session = new InferenceSession(file, options);
        var expected = Labelled([.. entries.Select(Stored)]);
        var actual = Labelled([.. entries.Select(entry => Run(session, entry.Tokens))]);
        var record = ParityGate.Compare(expected, actual, $"sha256:{source}", ("golden-vectors.json", Convert.ToHexStringLower(SHA256.HashData(content.ToArray()))), strict);
        return record.Passed ? ParityGate.Stamp(file, record) : throw new InvalidDataException($"The converted model does not say what the original says: {record.Figures}.");
    }

    static float[] Stored(Entry entry)
    {
        var halves = MemoryMarshal.Cast<byte, Half>(Convert.FromBase64String(entry.Vector));
        var vector = new float[halves.Length];
        TensorPrimitives.ConvertToSingle(halves, vector);
        return vector;
    }

    // The label is which of the others is nearest.
    static GoldenAnswers Labelled(float[][] vectors) => new(vectors, [.. vectors.Select((vector, i) =>
        $"{Enumerable.Range(0, vectors.Length).Where(other => other != i).MaxBy(other => TensorPrimitives.CosineSimilarity(vector, vectors[other]))}")]);

    static float[] Run(InferenceSession session, long[] tokens)
    {
        long[] positions = [.. Enumerable.Range(0, tokens.Length).SelectMany(column => new long[] { 0, column })];
        using var run = new RunOptions();
        using var indices = OrtValue.CreateTensorValueFromMemory(positions, [tokens.Length, 2]);
        using var values = OrtValue.CreateTensorValueFromMemory(tokens, [tokens.Length]);
        using var results = session.Run(run, ["indices", "values"], [indices, values], ["embedding"]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }
}
