using System.Runtime.CompilerServices;
using AiOs.Serving.Costs;
using AiOs.Serving.Gateway;
using AiOs.Serving.Wire;

namespace AiOs.Serving.Chat;

/// <summary>One streamed call of a model for a part of the OS: its text as it comes, what it used, how it ended.</summary>
/// <param name="gateway">The way to models.</param>
/// <param name="request">What is asked; nothing unmasked.</param>
/// <param name="terms">Who asks.</param>
public sealed class ModelCall(ModelGateway gateway, WireRequest request, CallTerms terms)
{
    ModelUsage? used;
    ChatStream? stream;

    /// <summary>Why the model stopped (<c>stop</c>, <c>length</c>, <c>content_filter</c>); null while it has not said.</summary>
    public string? FinishReason => stream?.FinishReason;

    /// <summary>What the endpoint counted, or an estimate from the length of what was sent and received; nothing where the endpoint turned the request away.</summary>
    public ModelUsage Usage => stream?.Usage ?? used ?? new(ModelUsage.TokensOf(request.Length), 0, Estimated: true, gateway.Find(request.Model)?.Deployments[0].Prices?.CostOf(ModelUsage.TokensOf(request.Length), 0));

    /// <summary>The text as it comes, in whole characters.</summary>
    /// <exception cref="ModelException">Nobody answered, or it broke off.</exception>
    public async IAsyncEnumerable<string> StreamAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var answer = stream = await OpenAsync(cancellationToken);
        var half = "";
        while (await answer.NextAsync(cancellationToken))
        {
            if (answer.Declined)
                throw new ModelException(ModelFailure.Refused, "The model declined.");
            if (WireAnswers.TextOf(answer.Piece.Span) is not { Length: > 0 } piece)
                continue;
            var text = half + piece;
            half = char.IsHighSurrogate(text[^1]) ? text[^1..] : "";
            if (text.Length > half.Length)
                yield return Halves.Mended(text[..^half.Length]);
        }

        if (half.Length > 0)
            yield return Halves.Mended(half);
    }

    async Task<ChatStream> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await gateway.StreamAsync(request, terms, cancellationToken);
        }
        catch (ModelUnavailableException e)
        {
            used = e.Usage;
            throw e.Cause ?? new ModelException(ModelFailure.Unavailable, e.Message);
        }
        catch (BudgetExceededException e)
        {
            used = ModelUsage.None;
            throw new ModelException(ModelFailure.OverBudget, e.Message);
        }
    }
}
