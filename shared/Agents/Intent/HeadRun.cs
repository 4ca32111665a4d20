using AiOs.Models.Sentences;
using Microsoft.ML.OnnxRuntime;

namespace AiOs.Agents.Intent;

/// <summary>Asks the session of a head, by the inputs of <see cref="HeadExport"/>.</summary>
static class HeadRun
{
    const string Embedding = "embedding", Index = "index", Weight = "weight", States = "states", Probabilities = "probabilities";

    /// <summary>Whether the head looks at the tokens as they are halfway.</summary>
    public static bool ReadsStates(InferenceSession session) => session.InputMetadata.ContainsKey(States);

    /// <summary>The calibrated probabilities of all outputs.</summary>
    public static float[] Ask(InferenceSession session, RunOptions run, SentenceReading encoded, SparseVector grams)
    {
        using var embedding = OrtValue.CreateTensorValueFromMemory(encoded.Vector, [1, encoded.Vector.Length]);
        using var index = OrtValue.CreateTensorValueFromMemory(grams.Index, [grams.Index.Length]);
        using var weight = OrtValue.CreateTensorValueFromMemory(grams.Weight, [grams.Weight.Length]);
        if (!ReadsStates(session))
            return Run([Embedding, Index, Weight], [embedding, index, weight]);
        using var states = OrtValue.CreateTensorValueFromMemory(encoded.States, [encoded.States.Length / encoded.Vector.Length, encoded.Vector.Length]);
        return Run([Embedding, Index, Weight, States], [embedding, index, weight, states]);

        float[] Run(string[] names, OrtValue[] values)
        {
            using var results = session.Run(run, names, values, [Probabilities]);
            return results[0].GetTensorDataAsSpan<float>().ToArray();
        }
    }
}
