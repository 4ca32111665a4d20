using System.ClientModel;
using System.ClientModel.Primitives;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using AiOs.Serving.Chat;
using Microsoft.Extensions.AI;
using OpenAI.Chat;

namespace AiOs.Serving.OpenAi;

/// <summary>Says what went wrong in our own words: errors of endpoints may quote keys and prompts, so nothing of them is passed on.</summary>
sealed class OpenAiFailures(IChatClient inner) : DelegatingChatClient(inner)
{
    /// <inheritdoc/>
    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<Microsoft.Extensions.AI.ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <inheritdoc/>
    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<Microsoft.Extensions.AI.ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var updates = base.GetStreamingResponseAsync(messages, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(updates, cancellationToken))
        {
            // The adapter passes a refusal on only beside tool calls.
            if (updates.Current.RawRepresentation is StreamingChatCompletionUpdate { RefusalUpdate.Length: > 0 })
                throw new ModelException(ModelFailure.Refused, "The model declined.");
            yield return updates.Current;
        }
    }

    static async ValueTask<bool> NextAsync(IAsyncEnumerator<ChatResponseUpdate> updates, CancellationToken cancellationToken)
    {
        try
        {
            return await updates.MoveNextAsync();
        }
        catch (Exception e) when (e is not ModelException && !(e is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            // Whatever an endpoint sends may break the client in its own way; none of it may break a run.
#pragma warning disable MA0054 // Without the cause: its message quotes the endpoint.
            throw Failure(e);
#pragma warning restore MA0054
        }
    }

    static ModelException Failure(Exception e) => e switch
    {
        ClientResultException { Status: > 0 } answered => Answered(answered),
        ClientResultException or HttpRequestException or IOException => (e as HttpRequestException ?? e.InnerException as HttpRequestException)?.HttpRequestError
            is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
            ? new(ModelFailure.Unavailable, "There is no connection to the endpoint.") : new(ModelFailure.Broken, "The connection broke before the end of the answer."),
        _ => new(ModelFailure.Broken, $"The answer could not be read ({e.GetType().Name})."),
    };

    static ModelException Answered(ClientResultException e)
    {
        var response = e.GetRawResponse();
        var detail = string.Create(CultureInfo.InvariantCulture, $"The endpoint answered {e.Status}.");
        return e.Status switch
        {
            429 => new(ModelFailure.Throttled, detail, RetryAfter(response)),
            >= 500 => new(ModelFailure.Unavailable, detail, RetryAfter(response)),
            400 when Code(response) == "content_filter" => new(ModelFailure.Filtered, "The endpoint's content filter held the question back."),
            _ => new(ModelFailure.Rejected, detail),
        };
    }

    /// <summary>Seconds (RFC 9110, section 10.2.3), or the milliseconds that OpenAI and Azure send beside them.</summary>
    static TimeSpan? RetryAfter(PipelineResponse? response) =>
        response is null ? null
        : response.Headers.TryGetValue("retry-after-ms", out var exact) && double.TryParse(exact, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) ? TimeSpan.FromMilliseconds(Math.Min(milliseconds, int.MaxValue))
        : response.Headers.TryGetValue("retry-after", out var text) && double.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(Math.Min(seconds, 86_400))
        : null;

    static string? Code(PipelineResponse? response)
    {
        try
        {
            using var document = JsonDocument.Parse(response?.Content ?? BinaryData.FromString("{}"));
            return document.RootElement.TryGetProperty("error", out var error) && error.TryGetProperty("code", out var code) && code.ValueKind == JsonValueKind.String ? code.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
