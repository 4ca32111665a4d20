using AiOs.Agents.Intent;

namespace AiOs.Observability.Intents;

/// <summary>Trains on one labelled set and asks about another, as an app would: by the trainer and the classifier that serve messages.</summary>
public sealed class IntentBenchmark(IntentTrainer trainer, IntentClassifier classifier, TimeProvider clock)
{
    /// <summary>Trains and asks, with the encoder tuned where <paramref name="fineTune"/>; messages are asked one after the other, so that the times are those of one message alone.</summary>
    /// <exception cref="UntrainableException">The examples cannot be trained, or there is nothing to ask; the message says why.</exception>
    public async Task<IntentScores> RunAsync(
        IReadOnlyList<LabelledMessage> examples, IReadOnlyList<LabelledMessage> questions, bool fineTune, IProgress<TrainingProgress>? training, IProgress<double>? asking, CancellationToken cancellationToken)
    {
        if (!questions.Any(question => question.Intent is not null))
            throw new UntrainableException("There is no message with an intent to ask about.");
        var started = clock.GetTimestamp();
        var head = await trainer.TrainAsync(IntentSet.Of(examples) with { FineTune = fineTune }, training, cancellationToken);
        var seconds = clock.GetElapsedTime(started).TotalSeconds;
        var (answers, times) = (new List<Answer>(questions.Count), new List<double>(questions.Count));
        await classifier.ClassifyAsync(head.Ref, "the first message also loads the head", cancellationToken);
        foreach (var question in questions)
        {
            var asked = clock.GetTimestamp();
            var result = await classifier.ClassifyAsync(head.Ref, question.Text, cancellationToken);
            times.Add(clock.GetElapsedTime(asked).TotalMilliseconds);
            answers.Add(new(question.Intent, result.Intent, result.Confidence));
            asking?.Report((double)answers.Count / questions.Count);
        }
        times.Sort();
        return IntentScores.Of(answers) with { TrainSeconds = seconds, P50Ms = times[times.Count / 2], P95Ms = times[times.Count * 95 / 100], Examples = examples.Count };
    }

    /// <summary>One answer beside what people said; <paramref name="Expected"/> is null for a message that is none of the intents.</summary>
    public readonly record struct Answer(string? Expected, string Intent, double Confidence);
}
