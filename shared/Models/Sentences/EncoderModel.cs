using AiOs.Models.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace AiOs.Models.Sentences;

/// <summary>The encoder's files, loaded: the ONNX session and the tokenizer.</summary>
sealed class EncoderModel : IDisposable
{
    readonly InferenceSession session;

    /// <summary>Loads <c>model.onnx</c> and <c>vocabulary.json</c> from <paramref name="directory"/>.</summary>
    /// <exception cref="InvalidDataException">A file is missing, or is not what it should be.</exception>
    public EncoderModel(string directory)
    {
        var (model, vocabulary) = (Path.Combine(directory, "model.onnx"), Path.Combine(directory, "vocabulary.json"));
        if (!File.Exists(model) || !File.Exists(vocabulary))
            throw new InvalidDataException($"The sentence encoder is not in {directory}: build the solution, or publish the app with its content files.");
        Tokenizer = new UnigramTokenizer(UnigramVocabulary.Read(vocabulary));
        // One thread a run: sentences are too short to share, and the callers are parallel already.
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        try
        {
            session = ModelLoader.OpenWithDigest(model, options, GateRule.Required).Session;
            Version = session.ModelMetadata.CustomMetadataMap["version"];
        }
        catch (Exception e) when (e is InvalidDataException or KeyNotFoundException)
        {
            throw new InvalidDataException($"{model} is not the sentence encoder: {e.Message}", e);
        }
    }

    public UnigramTokenizer Tokenizer { get; }

    /// <summary>Names the weights and the vocabulary: vectors of different versions are not comparable.</summary>
    public string Version { get; }

    /// <summary>One row of <see cref="SentenceEncoder.Dimensions"/> numbers for each list of tokens; no list may be empty.</summary>
    public float[] Embed(IReadOnlyList<int[]> sentences) => Embed(session, sentences, "embedding");

    /// <summary>The same with any session of that contract.</summary>
    public static float[] Embed(InferenceSession session, IReadOnlyList<int[]> sentences, string output)
    {
        var total = sentences.Sum(sentence => sentence.Length);
        var (positions, tokens) = (new long[2 * total], new long[total]);
        var next = 0;
        for (var row = 0; row < sentences.Count; row++)
            for (var column = 0; column < sentences[row].Length; column++, next++)
                (positions[2 * next], positions[2 * next + 1], tokens[next]) = (row, column, sentences[row][column]);
        using var run = new RunOptions();
        using var indices = OrtValue.CreateTensorValueFromMemory(positions, [total, 2]);
        using var values = OrtValue.CreateTensorValueFromMemory(tokens, [total]);
        using var results = session.Run(run, ["indices", "values"], [indices, values], [output]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    public void Dispose() => session.Dispose();
}
