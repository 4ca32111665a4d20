using AiOs.Models.Sentences;
using AiOs.Models.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace AiOs.Agents.Intent;

/// <summary>A head loaded from its ONNX file, ready to classify; any number of callers may use it at once.</summary>
sealed class HeadSession : IDisposable
{
    readonly InferenceSession session;
    readonly RunOptions run = new();
    readonly GramVocabulary vocabulary;
    readonly HeadMetadata metadata;

    HeadSession(InferenceSession session, HeadMetadata metadata, GramVocabulary vocabulary) =>
        (this.session, this.metadata, this.vocabulary) = (session, metadata, vocabulary);

    /// <summary>The intents; one more output behind them where <see cref="HasOutOfScope"/>.</summary>
    public IReadOnlyList<string> Labels => metadata.Labels;

    /// <summary>Whether it has the upper half of the encoder in itself, tuned: then it takes what the lower half makes of a text, tokens included.</summary>
    public bool IsTuned => HeadRun.ReadsStates(session);

    public bool HasOutOfScope => metadata.HasOutOfScope;

    int Width => Labels.Count + (HasOutOfScope ? 1 : 0);

    /// <summary>Loads <paramref name="bytes"/> and proves that it answers.</summary>
    /// <param name="reference">What it is called.</param>
    /// <param name="bytes">The file.</param>
    /// <param name="encoderVersion">The version of the encoder that there is, or of its lower half for a tuned head; null where there is none.</param>
    /// <exception cref="InvalidDataException">The bytes are no intact head for this encoder; the message names <paramref name="reference"/> and says why.</exception>
    public static HeadSession Load(string reference, byte[] bytes, Func<bool, string?> encoderVersion)
    {
        try
        {
            if (bytes.Length > HeadExport.MaxBytes)
                throw new InvalidDataException($"it has {bytes.Length} bytes; {HeadExport.MaxBytes} is the limit");
            using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1, EnableCpuMemArena = false, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            var loaded = ModelLoader.Open(bytes, options, GateRule.WhereDerived);
            try
            {
                return Checked(loaded, encoderVersion);
            }
            catch
            {
                loaded.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is OnnxRuntimeException or InvalidDataException)
        {
            throw new InvalidDataException($"The intent head {reference} is refused: {e.Message}.", e);
        }
    }

    static HeadSession Checked(InferenceSession session, Func<bool, string?> encoderVersion)
    {
        var (metadata, vocabulary) = HeadMetadata.Decode(session.ModelMetadata.CustomMetadataMap);
        var head = new HeadSession(session, metadata, vocabulary);
        if (encoderVersion(head.IsTuned) is var version && metadata.Encoder != version)
            throw new InvalidDataException($"it was trained on the encoder {metadata.Encoder}, {(version is null ? "which is not there: use the encoder that comes with the OS, or deploy the app without fineTune" : $"and this is {version}: deploy the app again")}");
        if (metadata.Labels.Count == 0 || vocabulary.Count == 0)
            throw new InvalidDataException("it knows no labels or no words");
        if (!session.InputMetadata.TryGetValue("embedding", out var embedding) || embedding.Dimensions is not [1, > 0 and var size])
            throw new InvalidDataException("it takes no sentence vector");
        var answer = head.Run(new(new float[size], head.IsTuned ? new float[size] : []), new([vocabulary.Count - 1], [1]));
        return answer.Length == head.Width && Array.TrueForAll(answer, float.IsFinite)
            ? head
            : throw new InvalidDataException("its output does not fit its labels");
    }

    /// <summary>The calibrated probabilities of all outputs for a text as <see cref="IntentText.Read"/> gives it; null where not one of its
    /// n-grams is known (another script, say), so that the sentence vector alone would decide.</summary>
    /// <param name="reading">The text.</param>
    /// <param name="encoded">What the encoder made of it, with states where <see cref="IsTuned"/>.</param>
    public float[]? Classify(string reading, SentenceReading encoded) =>
        vocabulary.Weigh(GramCounts.Of(reading, metadata.HashSeed)) is { Index.Length: > 0 } grams ? Run(encoded, grams) : null;

    float[] Run(SentenceReading encoded, SparseVector grams) => HeadRun.Ask(session, run, encoded, grams);

    public void Dispose()
    {
        session.Dispose();
        run.Dispose();
    }
}
