using System.Text;
using System.Text.Json;
using AiOs.Serving.Backends;
using AiOs.Serving.Calls;
using AiOs.Serving.Chat;
using AiOs.Serving.Routing;
using AiOs.Serving.Wire;

namespace AiOs.Serving.Gateway;

/// <summary>A chat completion in pieces. Read it to its end, or dispose of it: whoever still writes is told that nobody reads, and the call is noted.</summary>
public sealed class ChatStream : IAsyncDisposable
{
    /// <summary>So much of an answer is kept for captures, in characters.</summary>
    const int MostKept = 64 * 1024;

    readonly Call? call;
    readonly ModelRoute? route;
    readonly WireRequest? request;
    readonly StreamReply? reply;
    readonly AnswerCache? cache;
    readonly Outputs? outputs;
    readonly Queue<ReadOnlyMemory<byte>> ready = [];
    readonly StringBuilder said = new();
    long? input, output;
    long received, cached;
    bool telling, ended;

    internal ChatStream(Call call, ModelRoute route, WireRequest request, StreamReply reply, AnswerCache cache, Outputs outputs)
    {
        (this.call, this.route, this.request, this.reply, this.cache, this.outputs) = (call, route, request, reply, cache, outputs);
        (CallId, Deployment, End, SoftExceeded) = (call.Id, call.Deployment!.Settings.Name, CallEnd.Answered, call.SoftExceeded);
    }

    ChatStream(ChatAnswer whole)
    {
        (CallId, Deployment, End, SoftExceeded, ended) = (whole.CallId, whole.Deployment, whole.End, whole.SoftExceeded, true);
        foreach (var piece in WireAnswers.Pieces(whole.Json))
            ready.Enqueue(piece);
        FinishReason = "stop";
    }

    internal static ChatStream Of(ChatAnswer whole) => new(whole);

    /// <summary>Names the call.</summary>
    public string CallId { get; }

    /// <summary>Who answers; null where nobody does.</summary>
    public string? Deployment { get; }

    /// <summary>Where the answer comes from.</summary>
    public CallEnd End { get; }

    /// <summary>Whether a soft budget is exceeded.</summary>
    public bool SoftExceeded { get; }

    /// <summary>Why the model stopped; null while it has not said.</summary>
    public string? FinishReason { get; private set; }

    /// <summary>What it used and cost so far, all attempts together.</summary>
    public ModelUsage Usage => call is null ? ModelUsage.None : ended ? call.Usage : call.Usage.Plus(call.Streamed!.Of(input, output, received, cached));

    /// <summary>The piece that was read last, in OpenAI's form under the logical name of the model.</summary>
    public ReadOnlyMemory<byte> Piece { get; private set; }

    /// <summary>Whether that piece only tells the usage.</summary>
    public bool IsUsage { get; private set; }

    /// <summary>Whether the model declined in words of its own.</summary>
    public bool Declined { get; private set; }

    /// <summary>Reads the next piece; false at the end.</summary>
    /// <exception cref="ModelException">It broke off.</exception>
    public async ValueTask<bool> NextAsync(CancellationToken cancellationToken)
    {
        if (ready.TryDequeue(out var made))
        {
            (Piece, IsUsage) = (made, false);
            return true;
        }
        if (ended)
            return false;
        using var time = new CancellationTokenSource(call!.Left > TimeSpan.Zero ? call.Left : TimeSpan.Zero, call.Clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        try
        {
            if (!await reply!.NextAsync(both.Token))
            {
                await EndAsync(null, cancellationToken);
                return false;
            }
        }
        catch (ModelException e)
        {
            await EndAsync(e.Failure, CancellationToken.None);
            throw;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await EndAsync(ModelFailure.TimedOut, CancellationToken.None);
            throw new ModelException(ModelFailure.TimedOut, "The time was up.");
        }
        Take(reply.Piece, reply.Json);
        return true;
    }

    void Take(WireReply piece, ReadOnlyMemory<byte> json)
    {
        (input, output, cached) = (piece.InputTokens ?? input, piece.OutputTokens ?? output, Math.Max(cached, piece.CachedTokens));
        FinishReason = piece.Finish ?? FinishReason;
        received += piece.Characters;
        (telling, Declined) = (telling || piece.IsTelling, Declined || piece.Declined);
        (Piece, IsUsage) = (piece.Named(json.Span, route!.QuotedName), !piece.HasChoice);
        if (!call!.Terms.Sensitive && said.Length < MostKept && piece.Characters > 0)
            said.Append(WireAnswers.TextOf(json.Span));
    }

    async ValueTask EndAsync(ModelFailure? failure, CancellationToken cancellationToken)
    {
        if (ended)
            return;
        ended = true;
        call!.Streamed!.Pay(input, output, received, cached);
        await reply!.DisposeAsync();
        string? text = null;
        try
        {
            if (!call.Terms.Sensitive)
            {
                var whole = WireAnswers.Whole(call.Id, call.Began, route!.Name, Halves.Mended(said.ToString()), FinishReason);
                if (failure is null && FinishReason == "stop" && request!.Choices == 1 && received <= MostKept)
                    cache!.Keep(route, request!, call.Terms, whole);
                text = await outputs!.MaskAsync(call.Terms.App, whole, telling, cancellationToken);
            }
        }
        finally
        {
            call.End(failure is null ? CallEnd.Answered : CallEnd.Failed, text, FinishReason, failure);   // it was paid: it is noted also where nobody can mask it
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => EndAsync(ModelFailure.Interrupted, CancellationToken.None);
}
