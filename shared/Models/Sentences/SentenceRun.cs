using Microsoft.ML.OnnxRuntime;

namespace AiOs.Models.Sentences;

/// <summary>Asks a session for sentence vectors, by either of two contracts: many sentences as one list of tokens (<c>values int64[n]</c>) with the row and the column of each
/// (<c>indices int64[n,2]</c>), or one sentence a run (<c>tokens int64[n]</c>).</summary>
static class SentenceRun
{
    /// <summary>The output with the vector, and the one with the tokens as they are halfway, where a model has it.</summary>
    public const string Embedding = "embedding", States = "states";

    /// <summary>The property of a model with <see cref="States"/> that says after how many layers that is.</summary>
    public const string StatesAfter = "statesAfter";

    const string Indices = "indices", Values = "values", Tokens = "tokens";

    /// <summary>Whether the session reads several sentences in one run.</summary>
    public static bool Batches(InferenceSession session) => session.InputMetadata.ContainsKey(Indices);

    /// <summary>Whether the session is a sentence encoder by either contract: one output, or states beside the vector.</summary>
    public static bool Fits(InferenceSession session) => session.OutputNames is [_] or [Embedding, States]
        && (session.InputMetadata.ContainsKey(Tokens) || (session.InputMetadata.ContainsKey(Indices) && session.InputMetadata.ContainsKey(Values)));

    /// <summary>The vectors of all sentences, one behind the other; no list may be empty.</summary>
    public static float[] Embed(InferenceSession session, IReadOnlyList<int[]> sentences, string output) => Batches(session)
        ? Together(session, sentences, output)
        : [.. sentences.SelectMany(sentence => Alone(session, sentence, output))];

    /// <summary>One sentence: its vector, and its tokens as they are halfway, row-major.</summary>
    public static (float[] Vector, float[] States) Read(InferenceSession session, int[] sentence)
    {
        using var run = new RunOptions();
        using var tokens = OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(sentence, token => (long)token), [sentence.Length]);
        using var results = session.Run(run, [Tokens], [tokens], [Embedding, States]);
        return (results[0].GetTensorDataAsSpan<float>().ToArray(), results[1].GetTensorDataAsSpan<float>().ToArray());
    }

    static float[] Alone(InferenceSession session, int[] sentence, string output)
    {
        using var run = new RunOptions();
        using var tokens = OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(sentence, token => (long)token), [sentence.Length]);
        using var results = session.Run(run, [Tokens], [tokens], [output]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    static float[] Together(InferenceSession session, IReadOnlyList<int[]> sentences, string output)
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
        using var results = session.Run(run, [Indices, Values], [indices, values], [output]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }
}
