using AiOs.Agents.Intent.Tuning;
using AiOs.DataPlane;
using AiOs.Models.Sentences;
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

    /// <summary>What of the training is done once examples are embedded, validated and fitted; tuning takes most of it.</summary>
    sealed record Shares(double Embedded, double Validated, double Fitted);

    static readonly Shares usual = new(0.45, 0.85, 0.98), tuning = new(0.04, 0.48, 0.98);

    /// <summary>One encoder is tuned at a time: a tuning takes all cores, and memory by the gigabyte.</summary>
    readonly SemaphoreSlim tuningTurn = new(1, 1);
    readonly IEmbeddingGenerator<string, Embedding<float>> encoder;
    readonly IBlobStore blobs;
    readonly IntentHeads heads;
    readonly TimeProvider clock;
    readonly ILogger<IntentTrainer> log;

    internal IntentTrainer(IEmbeddingGenerator<string, Embedding<float>> encoder, IBlobStore blobs, IntentHeads heads, TimeProvider clock, ILogger<IntentTrainer> log) =>
        (this.encoder, this.blobs, this.heads, this.clock, this.log) = (encoder, blobs, heads, clock, log);

    /// <summary>Trains <paramref name="set"/>, or finds the head that it was trained to before.</summary>
    /// <exception cref="UntrainableException">The set cannot be trained; the message is <see cref="IntentSet.Problems"/>, or why the encoder cannot be tuned on it.</exception>
    public async Task<IntentHead> TrainAsync(IntentSet set, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        if (set.Problems().ToArray() is { Length: > 0 } problems)
            throw new UntrainableException(string.Join(' ', problems));
        var started = clock.GetTimestamp();
        var texts = LabelledTexts.Of(set);
        var tunable = set.FineTune ? Tunable(texts) : null;
        var encoderVersion = tunable?.Lower!.Version ?? EncoderVersion.Of(encoder);
        var dataHash = tunable is null ? texts.Digest(Version, encoderVersion) : texts.Digest(Version, encoderVersion, tunable.Version, FineTuning.Version);
        if (await heads.FindAsync(dataHash, cancellationToken) is { } known && await IsWholeAsync(known.Ref, cancellationToken))
        {
            progress?.Report(new("store", 1, known.Accuracy));
            return known;
        }
        if (tunable is null)
            return await TrainAsync(set, texts, null, (dataHash, encoderVersion), started, progress, cancellationToken);
        await tuningTurn.WaitAsync(cancellationToken);
        try
        {
            return await TrainAsync(set, texts, tunable, (dataHash, encoderVersion), started, progress, cancellationToken);
        }
        finally
        {
            tuningTurn.Release();
        }
    }

    async Task<IntentHead> TrainAsync(
        IntentSet set, LabelledTexts texts, SentenceEncoder? tunable, (string DataHash, string Encoder) versions, long started, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        var shares = tunable is null ? usual : tuning;
        void Embedded(double done) => progress?.Report(new("embed", shares.Embedded * done));
        var examples = tunable is null
            ? await ExampleReader.ReadAsync(texts, encoder, Embedded, cancellationToken)
            : await ExampleReader.ReadWithStatesAsync(texts, tunable.Lower!, Embedded, cancellationToken);
        var recipe = HeadRecipe.For(examples.Length, texts.Width) with { Tuning = tunable is null ? null : FineTuning.Of(tunable.UpperLayers()) };
        var (bytes, accuracy) = await Task.Run(() => Train(texts, examples, recipe, shares, versions.DataHash, versions.Encoder, progress, cancellationToken), cancellationToken);
        var head = new IntentHead(await blobs.PutAsync(bytes, cancellationToken), set.Intents.Count, examples.Count(example => !example.IsName), accuracy, FromCache: false);
        await heads.SaveAsync(versions.DataHash, head, cancellationToken);
        progress?.Report(new("store", 1, head.Accuracy));
        log.IntentHeadTrained(head.Ref, head.Intents, head.Examples, head.Accuracy, bytes.Length, (long)clock.GetElapsedTime(started).TotalMilliseconds);
        return head;
    }

    SentenceEncoder Tunable(LabelledTexts texts)
    {
        if (encoder.GetService<SentenceEncoder>() is not { Lower: not null } own)
            throw new UntrainableException($"The encoder {EncoderVersion.Of(encoder)} cannot be tuned: leave fine-tuning out, or use the encoder that comes with the OS.");
        var tokens = texts.Texts.Sum(text => own.Tokenize(text.Text).Count);
        return tokens <= FineTuning.MostTokens ? own : throw new UntrainableException(
            $"The examples have {tokens} tokens, and the encoder is tuned on at most {FineTuning.MostTokens}, which take about an hour of two cores: give fewer or shorter examples, or leave fine-tuning out.");
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
        LabelledTexts texts, Example[] examples, HeadRecipe recipe, Shares shares, string dataHash, string encoderVersion, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        void Validated(double done, double? accuracy) => progress?.Report(new("validate", shares.Embedded + (shares.Validated - shares.Embedded) * done, accuracy));
        Validated(0, null);
        var validation = CrossValidation.Run(examples, some => HeadModel.Fit(some, texts.Width, recipe, cancellationToken, done => Validated(done, null)), (done, accuracy) => Validated(done, accuracy), recipe.Tuning is not null);
        void Fitted(double done) => progress?.Report(new("fit", shares.Validated + (shares.Fitted - shares.Validated) * done, validation.Accuracy));
        Fitted(0);
        using var model = HeadModel.Fit(examples, texts.Width, recipe, cancellationToken, Fitted);
        var metrics = new HeadMetrics(validation.Accuracy, validation.LogLoss, validation.Temperature, examples.Count(example => !example.IsName));
        var metadata = new HeadMetadata(texts.Labels, texts.HasOutOfScope, ExampleReader.HashSeed, dataHash, encoderVersion, metrics);
        progress?.Report(new("store", shares.Fitted, validation.Accuracy));
        var head = HeadExport.Encode(model, validation.Temperature, metadata.Encode(model.Space.Vocabulary));
        return (model.Tuned is null ? head : TunedHead.InEightBits(head, model.Space, examples, dataHash), validation.Accuracy);
    }
}
