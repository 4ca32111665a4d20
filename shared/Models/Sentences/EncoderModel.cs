using System.Globalization;
using AiOs.Models.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace AiOs.Models.Sentences;

/// <summary>The encoder's files, loaded: the ONNX session and the tokenizer.</summary>
sealed class EncoderModel : IDisposable
{
    /// <summary>The names of the model in its directory, and of its lower half where there is one.</summary>
    public const string Whole = "model.onnx", Lower = "lower.onnx";

    readonly InferenceSession session;

    /// <summary>Loads <paramref name="file"/> and the vocabulary from <paramref name="directory"/>.</summary>
    /// <exception cref="InvalidDataException">A file is missing, or is not what it should be.</exception>
    public EncoderModel(string directory, string file)
    {
        var model = Path.Combine(directory, file);
        if (!File.Exists(model) || SentenceTokenizer.Find(directory) is not { } tokenizer)
            throw new InvalidDataException($"The sentence encoder is not in {directory}: build the solution, or publish the app with its content files.");
        Tokenizer = tokenizer;
        // One thread a run: sentences are too short to share, and the callers are parallel already.
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        try
        {
            session = ModelLoader.OpenWithDigest(model, options, GateRule.Required).Session;
            Version = session.ModelMetadata.CustomMetadataMap["version"];
            Dimensions = session.OutputMetadata[SentenceRun.Embedding].Dimensions[^1];
        }
        catch (Exception e) when (e is InvalidDataException or KeyNotFoundException)
        {
            throw new InvalidDataException($"{model} is not the sentence encoder: {e.Message}", e);
        }
    }

    public ISentenceTokenizer Tokenizer { get; }

    /// <summary>The length of every vector.</summary>
    public int Dimensions { get; }

    /// <summary>Whether it reads several sentences in one run.</summary>
    public bool Batches => SentenceRun.Batches(session);

    /// <summary>Names the weights and the vocabulary: vectors of different versions are not comparable.</summary>
    public string Version { get; }

    /// <summary>One row of <see cref="Dimensions"/> numbers for each list of tokens; no list may be empty.</summary>
    public float[] Embed(IReadOnlyList<int[]> sentences) => SentenceRun.Embed(session, sentences, SentenceRun.Embedding);

    /// <summary>After how many layers it shows its tokens; null where it does not.</summary>
    public int? StatesAfter => session.ModelMetadata.CustomMetadataMap.TryGetValue(SentenceRun.StatesAfter, out var layers) ? int.Parse(layers, CultureInfo.InvariantCulture) : null;

    /// <summary>One list of tokens, which may not be empty: its vector and its states.</summary>
    public SentenceReading Read(int[] sentence)
    {
        var (vector, states) = SentenceRun.Read(session, sentence);
        return new(vector, states);
    }

    public void Dispose() => session.Dispose();
}
