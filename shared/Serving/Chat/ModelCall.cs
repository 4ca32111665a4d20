using System.Diagnostics;
using System.Runtime.CompilerServices;
using AiOs.Telemetry;
using Microsoft.Extensions.AI;

namespace AiOs.Serving.Chat;

/// <summary>One call of a model, measured: what it used, what it cost, how it ended. Disposing it ends its span.</summary>
public sealed class ModelCall : IDisposable
{
    readonly ChatModel model;
    readonly IReadOnlyList<ChatMessage> messages;
    readonly ChatOptions options;
    readonly TimeProvider clock;
    readonly long began;
    readonly Activity? span;
    UsageDetails? counted;
    long received;
    bool unbilled;
    TimeSpan? took;
    ModelFailure? failure;

    /// <param name="model">Who is asked.</param>
    /// <param name="messages">What is asked; nothing unmasked.</param>
    /// <param name="options">How.</param>
    /// <param name="clock">Measures.</param>
    public ModelCall(ChatModel model, IReadOnlyList<ChatMessage> messages, ChatOptions options, TimeProvider clock)
    {
        (this.model, this.messages, this.options, this.clock, began) = (model, messages, options, clock, clock.GetTimestamp());
        span = GenAiTelemetry.Begin(model.Settings.Name, model.Settings.Model, model.Settings.Url, model.Settings.MaxTokens);
    }

    /// <summary>Why the model stopped; null while it has not said.</summary>
    public ChatFinishReason? FinishReason { get; private set; }

    /// <summary>What the endpoint counted, or an estimate from the length of what was sent and received; nothing where the endpoint turned the request away.</summary>
    public ModelUsage Usage
    {
        get
        {
            if (unbilled)
                return ModelUsage.None;
            var (input, output) = (counted?.InputTokenCount, counted?.OutputTokenCount);
            var (sent, got) = (input ?? ModelUsage.TokensOf(messages.Sum(m => (long)m.Text.Length)), output ?? ModelUsage.TokensOf(received));
            var cached = Math.Min(counted?.CachedInputTokenCount ?? 0, sent);
            return new(sent, got, input is null || output is null, model.Settings.Prices?.CostOf(sent, cached, got, took ?? clock.GetElapsedTime(began))) { CachedInputTokens = cached };
        }
    }

    /// <summary>The text as it comes.</summary>
    /// <exception cref="ModelException">It broke off.</exception>
    public async IAsyncEnumerable<string> StreamAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var updates = model.Client.GetStreamingResponseAsync(messages, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(updates))
        {
            var update = updates.Current;
            FinishReason = update.FinishReason ?? FinishReason;
            foreach (var usage in update.Contents.OfType<UsageContent>())
                counted = usage.Details;
            var text = update.Text;
            received += text.Length;
            if (text.Length > 0)
                yield return text;
        }
    }

    async ValueTask<bool> NextAsync(IAsyncEnumerator<ChatResponseUpdate> updates)
    {
        try
        {
            var more = await updates.MoveNextAsync();
            took = more ? null : clock.GetElapsedTime(began);
            return more;
        }
        catch (ModelException e)
        {
            (failure, took) = (e.Failure, clock.GetElapsedTime(began));
            unbilled = received == 0 && e.Failure is ModelFailure.Throttled or ModelFailure.Unavailable or ModelFailure.Rejected;
            throw;
        }
    }

    /// <summary>Notes that the call failed in a way that only its caller can see.</summary>
    public void Failed(ModelFailure why) => failure ??= why;

    /// <summary>Ends the span and records the measurements.</summary>
    public void Dispose() =>
        GenAiTelemetry.End(span, model.Settings.Name, model.Settings.Model, FinishReason?.Value, failure?.ToString(), Usage.InputTokens, Usage.OutputTokens, Usage.Estimated, Usage.Cost, clock.GetElapsedTime(began));
}
