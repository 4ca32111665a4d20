using AiOs.DataPlane;
using AiOs.Telemetry;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AiOs.Agents.Intent;

/// <summary>Trains an app's intents into a head: TF-IDF of words and characters joined with the sentence vector, fitted by a <see cref="HeadRecipe"/>, calibrated by
/// cross-validation. The names of the intents teach like one more example each. The same set gives the same bytes, and is trained once.</summary>
public sealed class IntentTrainer
{
    /// <summary>Changes whenever the same set would give another head.</summary>
    const string Version = "intent-trainer/4";

    const double Embedded = 0.45, Validated = 0.85, Fitted = 0.98;
    readonly IEmbeddingGenerator<string, Embedding<float>> encoder;
    readonly IBlobStore blobs;
    readonly IntentHeads heads;
    readonly TimeProvider clock;
    readonly ILogger<IntentTrainer> log;

    internal IntentTrainer(IEmbeddingGenerator<string, Embedding<float>> encoder, IBlobStore blobs, IntentHeads heads, TimeProvider clock, ILogger<IntentTrainer> log) =>
        (this.encoder, this.blobs, this.heads, this.clock, this.log) = (encoder, blobs, heads, clock, log);

    /// <summary>Trains <paramref name="set"/>, or finds the head that it was trained to before.</summary>
    /// <exception cref="ArgumentException">The set cannot be trained; the message is <see cref="IntentSet.Problems"/>.</exception>
    public async Task<IntentHead> TrainAsync(IntentSet set, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        if (set.Problems().ToArray() is { Length: > 0 } problems)
            throw new ArgumentException(string.Join(' ', problems), nameof(set));
        var started = clock.GetTimestamp();
        var texts = LabelledTexts.Of(set);
        var encoderVersion = EncoderVersion.Of(encoder);
        var dataHash = texts.Digest(Version, encoderVersion);
        if (await heads.FindAsync(dataHash, cancellationToken) is { } known && await IsWholeAsync(known.Ref, cancellationToken))
        {
            progress?.Report(new("store", 1, known.Accuracy));
            return known;
        }
        var examples = await ExampleReader.ReadAsync(texts, encoder, done => progress?.Report(new("embed", Embedded * done)), cancellationToken);
        var (bytes, accuracy) = await Task.Run(() => Train(texts, examples, dataHash, encoderVersion, progress, cancellationToken), cancellationToken);
        var head = new IntentHead(await blobs.PutAsync(bytes, cancellationToken), set.Intents.Count, examples.Count(example => !example.IsName), accuracy, FromCache: false);
        await heads.SaveAsync(dataHash, head, cancellationToken);
        progress?.Report(new("store", 1, head.Accuracy));
        log.IntentHeadTrained(head.Ref, head.Intents, head.Examples, head.Accuracy, bytes.Length, (long)clock.GetElapsedTime(started).TotalMilliseconds);
        return head;
    }

    /// <summary>A head that is lost or damaged is trained again.</summary>
    async Task<bool> IsWholeAsync(string reference, CancellationToken cancellationToken)
    {
        try
        {
            return await blobs.GetAsync(reference, cancellationToken) is not null;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    static (ReadOnlyMemory<byte> Bytes, double Accuracy) Train(
        LabelledTexts texts, Example[] examples, string dataHash, string encoderVersion, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        progress?.Report(new("validate", Embedded));
        var recipe = HeadRecipe.For(examples.Length, texts.Width);
        var validation = CrossValidation.Run(examples, some => HeadModel.Fit(some, texts.Width, recipe, cancellationToken),
            (done, accuracy) => progress?.Report(new("validate", Embedded + (Validated - Embedded) * done, accuracy)));
        progress?.Report(new("fit", Validated, validation.Accuracy));
        var model = HeadModel.Fit(examples, texts.Width, recipe, cancellationToken);
        var metrics = new HeadMetrics(validation.Accuracy, validation.LogLoss, validation.Temperature, examples.Count(example => !example.IsName));
        var metadata = new HeadMetadata(texts.Labels, texts.HasOutOfScope, ExampleReader.HashSeed, dataHash, encoderVersion, metrics);
        progress?.Report(new("store", Fitted, validation.Accuracy));
        return (HeadExport.Encode(model, validation.Temperature, metadata.Encode(model.Space.Vocabulary)), validation.Accuracy);
    }
}
