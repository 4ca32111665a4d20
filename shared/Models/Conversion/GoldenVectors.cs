using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using AiOs.Models.Parity;
using AiOs.Models.Sentences;
using Microsoft.ML.OnnxRuntime;

namespace AiOs.Models.Conversion;

/// <summary>What was answered from a published package to some of our sentences by another program than ours: tokens, and the vectors as half floats in base64. The converted model has to answer the same.
/// golden-vectors.json is TensorFlow.js 4.22 on Universal Sentence Encoder Lite; golden-minilm.json the tokenizer of Hugging Face and a plain evaluation in double precision on MiniLM.</summary>
sealed class GoldenVectors
{
    static readonly ParityThresholds strict = new(MeanCosine: 0.99999, LowestCosine: 0.9999, LabelAgreement: 1);
    readonly string name;
    readonly byte[] content;
    readonly Entry[] entries;

    sealed record Entry(string Text, long[] Tokens, string Vector);

    public GoldenVectors(string name)
    {
        using var stream = typeof(GoldenVectors).Assembly.GetManifestResourceStream(name)!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        (this.name, content) = (name, copy.ToArray());
        entries = JsonSerializer.Deserialize<Entry[]>(content, JsonSerializerOptions.Web)!;
    }

    /// <summary>Whether <paramref name="tokenizer"/> makes the tokens of them.</summary>
    /// <exception cref="InvalidDataException">It does not; the message names the sentence.</exception>
    public void CheckTokens(ISentenceTokenizer tokenizer)
    {
        if (entries.FirstOrDefault(entry => !tokenizer.Encode(entry.Text).Select(token => (long)token).SequenceEqual(entry.Tokens)) is { } other)
            throw new InvalidDataException($"The tokens of '{other.Text}' are {string.Join(' ', tokenizer.Encode(other.Text))}; the original makes {string.Join(' ', other.Tokens)}.");
    }

    /// <summary>The model with the record of the comparison in it.</summary>
    /// <exception cref="InvalidDataException">It does not answer the same.</exception>
    public byte[] Gate(ReadOnlyMemory<byte> model, string source)
    {
        var file = model.ToArray();
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using var session = new InferenceSession(file, options);
        var expected = Labelled([.. entries.Select(Stored)]);
        var actual = Labelled([.. entries.Select(entry => SentenceRun.Embed(session, [Array.ConvertAll(entry.Tokens, token => (int)token)], "embedding"))]);
        var record = ParityGate.Compare(expected, actual, $"sha256:{source}", (name, Convert.ToHexStringLower(SHA256.HashData(content))), strict);
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
}
