using System.Numerics.Tensors;
using AiOs.DataPlane;
using AiOs.Models.Sentences;
using Microsoft.Extensions.AI;

namespace AiOs.Agents.Intent;

/// <summary>Says what a message means, by a head that <see cref="IntentTrainer"/> made. Never throws for a text: what cannot be read is out of scope.</summary>
public sealed class IntentClassifier : IDisposable
{
    const int LoadedHeads = 16, Alternatives = 2;
    readonly IEmbeddingGenerator<string, Embedding<float>> encoder;
    readonly HeadCache heads;

    internal IntentClassifier(IEmbeddingGenerator<string, Embedding<float>> encoder, IBlobStore blobs)
    {
        this.encoder = encoder;
        heads = new(reference => LoadAsync(blobs, reference), LoadedHeads);
    }

    /// <summary>Classifies <paramref name="text"/> (masked values are read as the word for their kind; only the start of a very long text counts).</summary>
    /// <exception cref="InvalidDataException">The head is missing, damaged, or made for another encoder; the message names it.</exception>
    public ValueTask<IntentResult> ClassifyAsync(string headRef, string text, CancellationToken cancellationToken) => heads.UseAsync(headRef, async head =>
    {
        var reading = IntentText.Read(text);
        if (!IntentText.IsLegible(reading))
            return Unread(head);
        if (head.Classify(reading, await EncodeAsync(reading, head.IsTuned, cancellationToken)) is not { } probabilities)
            return Unread(head);
        var intents = probabilities[..head.Labels.Count];
        return Rank(head, intents, head.HasOutOfScope && probabilities[^1] > TensorPrimitives.Max<float>(intents));
    }, cancellationToken);

    /// <summary>Returns where <paramref name="headRef"/> can be used with the encoder of today.</summary>
    /// <exception cref="InvalidDataException">It cannot: missing, damaged, or made for another encoder; the message names it.</exception>
    public async Task CheckAsync(string headRef, CancellationToken cancellationToken) => await heads.UseAsync(headRef, _ => ValueTask.FromResult(true), cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => heads.Dispose();

    /// <summary>What the encoder makes of a text; for a tuned head its lower half, since the upper one is in the head. Which there is was seen when the head was loaded.</summary>
    async ValueTask<SentenceReading> EncodeAsync(string reading, bool byLowerHalf, CancellationToken cancellationToken) => byLowerHalf
        ? (await encoder.GetRequiredService<SentenceEncoder>().Lower!.ReadAsync([reading], cancellationToken))[0]
        : new((await encoder.GenerateAsync([reading], cancellationToken: cancellationToken))[0].Vector.ToArray(), []);

    /// <summary>All intents alike, and none of them.</summary>
    static IntentResult Unread(HeadSession head) => Rank(head, [.. Enumerable.Repeat(1f / (head.Labels.Count + 1), head.Labels.Count)], outOfScope: true);

    static IntentResult Rank(HeadSession head, float[] intents, bool outOfScope)
    {
        var best = intents.Select((confidence, intent) => new IntentScore(head.Labels[intent], confidence))
            .OrderByDescending(score => score.Confidence)
            .Take(1 + Alternatives)
            .ToArray();
        return new(best[0].Intent, best[0].Confidence, outOfScope, best[1..]);
    }

    async Task<HeadSession> LoadAsync(IBlobStore blobs, string reference)
    {
        byte[] bytes;
        try
        {
            bytes = await blobs.GetAsync(reference, CancellationToken.None) ?? throw new InvalidDataException("it does not exist");
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"The intent head {reference} is refused: {e.Message.TrimEnd('.')}; build the app again.", e);
        }

        return HeadSession.Load(reference, bytes, isTuned => isTuned ? encoder.GetService<SentenceEncoder>()?.Lower?.Version : EncoderVersion.Of(encoder));
    }
}
