using AiOs.DataPlane;
using AiOs.Telemetry;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AiOs.Agents.Intent;

/// <summary>Trains an app's intents into a head: TF-IDF of words and characters joined with the sentence vector, softmax regression, calibrated by
/// cross-validation. The same set gives the same bytes, and is trained once.</summary>
public sealed class IntentTrainer
{
    /// <summary>Changes whenever the same set would give another head.</summary>
    const string Version = "intent-trainer/1";

    const ulong HashSeed = 0x5EED_0001;
    const int EmbeddedAtOnce = 256;
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
        if (await heads.FindAsync(dataHash, cancellationToken) is { } known && await blobs.GetAsync(known.Ref, cancellationToken) is not null)
        {
            progress?.Report(new("store", 1));
            return known;
        }
        var examples = await ReadAsync(texts, progress, cancellationToken);
        var (bytes, accuracy) = await Task.Run(() => Train(texts, examples, dataHash, encoderVersion, progress, cancellationToken), cancellationToken);
        var head = new IntentHead(await blobs.PutAsync(bytes, cancellationToken), set.Intents.Count, examples.Length, accuracy, FromCache: false);
        await heads.SaveAsync(dataHash, head, cancellationToken);
        progress?.Report(new("store", 1));
        log.IntentHeadTrained(head.Ref, head.Intents, head.Examples, head.Accuracy, bytes.Length, (long)clock.GetElapsedTime(started).TotalMilliseconds);
        return head;
    }

    async Task<Example[]> ReadAsync(LabelledTexts texts, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        var examples = new List<Example>(texts.Texts.Count);
        foreach (var chunk in texts.Texts.Chunk(EmbeddedAtOnce))
        {
            progress?.Report(new("embed", Embedded * examples.Count / texts.Texts.Count));
            var vectors = await encoder.GenerateAsync(chunk.Select(text => text.Text), cancellationToken: cancellationToken);
            examples.AddRange(chunk.Zip(vectors, (text, vector) => new Example(GramCounts.Of(text.Text, HashSeed), vector.Vector.ToArray(), text.Label)));
        }
        return [.. examples];
    }

    static (ReadOnlyMemory<byte> Bytes, double Accuracy) Train(
        LabelledTexts texts, Example[] examples, string dataHash, string encoderVersion, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        var limit = HeadExport.RowLimit(texts.Width);
        progress?.Report(new("validate", Embedded));
        var validation = CrossValidation.Run(examples, some => HeadModel.Fit(some, texts.Width, limit, cancellationToken),
            done => progress?.Report(new("validate", Embedded + (Validated - Embedded) * done)));
        progress?.Report(new("fit", Validated));
        var model = HeadModel.Fit(examples, texts.Width, limit, cancellationToken);
        var metrics = new HeadMetrics(validation.Accuracy, validation.LogLoss, validation.Temperature, examples.Length);
        var metadata = new HeadMetadata(texts.Labels, texts.HasOutOfScope, HashSeed, dataHash, encoderVersion, metrics);
        progress?.Report(new("store", Fitted));
        return (HeadExport.Encode(model, validation.Temperature, metadata.Encode(model.Space.Vocabulary)), validation.Accuracy);
    }
}
