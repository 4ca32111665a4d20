using AiOs.Models.Sentences;
using AiOs.Models.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace AiOs.Bench.Inference;

/// <summary>The limit: the same file in an ONNX session of this process, sentences tokenised beforehand, nothing around it.</summary>
sealed class InProcess : IDisposable
{
    const int Dimensions = 512;
    readonly InferenceSession session;
    readonly int[][] sentences;

    public InProcess(string folder, IEnumerable<string> texts, int threads)
    {
        var tokenizer = new UnigramTokenizer(UnigramVocabulary.Read(Path.Combine(folder, "vocabulary.json")));
        sentences = [.. texts.Select(tokenizer.Encode)];
        using var options = new SessionOptions { IntraOpNumThreads = threads, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        session = ModelLoader.OpenWithDigest(Path.Combine(folder, "model.onnx"), options, GateRule.Required).Session;
    }

    /// <summary>Of a sentence.</summary>
    public double MeanTokens => sentences.Average(sentence => sentence.Length);

    /// <summary>Sentences a second.</summary>
    /// <param name="callers">Threads that run batches.</param>
    /// <param name="batch">Sentences in a run.</param>
    /// <param name="window">Sentences that are sorted by length before they are cut into batches; the batch itself where they are not.</param>
    public double PerSecond(int callers, int batch, int window, TimeSpan length)
    {
        int[][][] batches = [.. sentences.Chunk(window).SelectMany(some => window > batch ? some.OrderBy(sentence => sentence.Length).Chunk(batch) : [some])];
        for (var i = 0; i < 4; i++)
            Run(batches[i]);
        var (next, done) = (0, 0L);
        var began = TimeProvider.System.GetTimestamp();
        Thread[] threads = [.. Enumerable.Range(0, callers).Select(_ => new Thread(() =>
        {
            while (TimeProvider.System.GetElapsedTime(began) < length)
            {
                var some = batches[Interlocked.Increment(ref next) % batches.Length];
                Run(some);
                Interlocked.Add(ref done, some.Length);
            }
        }))];
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        return done / TimeProvider.System.GetElapsedTime(began).TotalSeconds;
    }

    void Run(int[][] batch)
    {
        var total = batch.Sum(sentence => sentence.Length);
        var (positions, tokens, next) = (new long[2 * total], new long[total], 0);
        for (var row = 0; row < batch.Length; row++)
            for (var column = 0; column < batch[row].Length; column++, next++)
                (positions[2 * next], positions[2 * next + 1], tokens[next]) = (row, column, batch[row][column]);
        using var indices = OrtValue.CreateTensorValueFromMemory(positions, [total, 2]);
        using var values = OrtValue.CreateTensorValueFromMemory(tokens, [total]);
        using var run = new RunOptions();
        using var results = session.Run(run, ["indices", "values"], [indices, values], ["embedding"]);
        if (results[0].GetTensorDataAsSpan<float>().Length != batch.Length * Dimensions)
            throw new InvalidOperationException("The session gave the wrong number of vectors.");
    }

    public void Dispose() => session.Dispose();
}
