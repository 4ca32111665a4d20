using System.Numerics.Tensors;
using System.Security.Cryptography;
using System.Text;
using AiOs.Models.Sentences;
using Microsoft.ML.OnnxRuntime;

namespace AiOs.Models.Parity;

/// <summary>Labelled sentences for sentence encoders. The label of a sentence is that of its nearest other sentence (cosine), by the vectors of the model itself: what a classifier over the vectors would live on.</summary>
public sealed class SentenceSet : IGoldenSet
{
    const int Batch = 8;
    readonly (string Label, int[] Tokens)[] sentences;

    SentenceSet(string name, byte[] content, ISentenceTokenizer tokenizer)
    {
        (Name, Digest) = (name, Convert.ToHexStringLower(SHA256.HashData(content)));
        sentences = [.. Encoding.UTF8.GetString(content).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select((line, number) => line.TrimEnd('\r').Split('\t') is [{ Length: > 0 } label, var text] && tokenizer.Encode(text) is { Length: > 0 } tokens
            ? (label, tokens)
            : throw new InvalidDataException($"{name}, line {number + 1}: a line is a label, a tab and a sentence."))];
        if (sentences.Length < 20)
            throw new InvalidDataException($"{name} has {sentences.Length} sentences; a golden set has at least 20.");
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string Digest { get; }

    /// <summary>The 150 sentences that come with the OS.</summary>
    public static SentenceSet Own(ISentenceTokenizer tokenizer)
    {
        using var stream = typeof(SentenceSet).Assembly.GetManifestResourceStream("AiOs.Models.Parity.golden-sentences.tsv")!;
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return new("golden-sentences.tsv", content.ToArray(), tokenizer);
    }

    /// <summary>A file of lines: label, tab, sentence.</summary>
    /// <exception cref="InvalidDataException">It is no such file.</exception>
    public static SentenceSet Read(string path, ISentenceTokenizer tokenizer) => new(Path.GetFileName(path), File.ReadAllBytes(path), tokenizer);

    /// <inheritdoc/>
    public GoldenAnswers Ask(InferenceSession session)
    {
        if (!SentenceRun.Fits(session))
            throw new InvalidDataException("The model is no sentence encoder: its inputs are neither indices and values nor tokens, or it has several outputs.");
        var vectors = new float[sentences.Length][];
        foreach (var batch in Enumerable.Range(0, sentences.Length).OrderBy(i => sentences[i].Tokens.Length).Chunk(Batch))
        {
            var rows = SentenceRun.Embed(session, [.. batch.Select(i => sentences[i].Tokens)], session.OutputNames[0]);
            for (var row = 0; row < batch.Length; row++)
                vectors[batch[row]] = rows[(row * rows.Length / batch.Length)..((row + 1) * rows.Length / batch.Length)];
        }
        return new(vectors, [.. vectors.Select((_, i) => sentences[Nearest(vectors, i)].Label)]);
    }

    static int Nearest(float[][] vectors, int of) =>
        Enumerable.Range(0, vectors.Length).Where(other => other != of).MaxBy(other => TensorPrimitives.CosineSimilarity(vectors[of], vectors[other]));
}
