using System.Globalization;
using Azure.Core;
using Azure.Core.Pipeline;

namespace AiOs.Agents.Retrieval.Azure;

/// <summary>Asks again when the service is busy (429, 503), fails for a moment or cannot be reached: after as long as it says (<c>Retry-After</c>), else after 200 ms, doubled each time; never past
/// <paramref name="patience"/> in all. Every request that goes this way may be repeated: passages have keys of their own.</summary>
sealed class PatiencePolicy(TimeProvider clock, TimeSpan patience) : HttpPipelinePolicy
{
    static readonly TimeSpan First = TimeSpan.FromMilliseconds(200);

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) => throw new NotSupportedException("The search service is asked asynchronously.");

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        var begun = clock.GetTimestamp();
        for (var pause = First; ; pause *= 2)
        {
            Exception? failed = null;
            try
            {
                await ProcessNextAsync(message, pipeline);
            }
            catch (Exception e) when (e is global::Azure.RequestFailedException or IOException or OperationCanceledException && !message.CancellationToken.IsCancellationRequested)
            {
                failed = e;
            }

            if (failed is null && message.Response.Status is not (408 or 429 or 500 or 502 or 503 or 504))
                return;
            var wait = failed is null && Asked(message.Response, clock.GetUtcNow()) is { } asked ? asked : pause;
            if (clock.GetElapsedTime(begun) + wait > patience)
            {
                if (failed is not null)
                    System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failed);
                return;
            }

            if (failed is null)
                message.Response.Dispose();
            await Task.Delay(wait, clock, message.CancellationToken);
        }
    }

    /// <summary>What the service wants: seconds, or a date.</summary>
    static TimeSpan? Asked(global::Azure.Response response, DateTimeOffset now) => !response.Headers.TryGetValue("Retry-After", out var text) ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds)
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? (date > now ? date - now : TimeSpan.Zero) : null;
}
