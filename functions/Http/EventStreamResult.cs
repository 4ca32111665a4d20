using System.Globalization;
using System.Text.Json;
using AiOs.ControlPlane.Runs;
using AiOs.DataPlane;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Functions.Http;

/// <summary>Writes the events of a run as server-sent events (WHATWG HTML, section 9.2): <c>id</c> is the event's sequence, a comment every 15 s keeps the line open,
/// and the stream ends with an <c>outcome</c> event when the run does.</summary>
public sealed class EventStreamResult(Runs runs, string runId, long after) : IActionResult
{
    static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    public async Task ExecuteResultAsync(ActionContext context)
    {
        var http = context.HttpContext;
        var clock = http.RequestServices.GetRequiredService<TimeProvider>();
        var gone = http.RequestAborted;
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        await http.Response.Body.FlushAsync(gone);
        try
        {
            await using var events = runs.FollowAsync(runId, after, gone).GetAsyncEnumerator(gone);
            var next = events.MoveNextAsync().AsTask();
            while (true)
            {
                var quiet = Task.Delay(Heartbeat, clock, gone);
                if (await Task.WhenAny(next, quiet) == quiet)
                {
                    await WriteAsync(http.Response, ": still here\n\n", gone);
                    continue;
                }

                if (!await next) break;
                var happened = events.Current;
                await WriteAsync(http.Response, $"id: {happened.Sequence.ToString(CultureInfo.InvariantCulture)}\nevent: step\ndata: {JsonSerializer.Serialize(happened, AiOsJson.Options)}\n\n", gone);
                next = events.MoveNextAsync().AsTask();
            }

            var run = await runs.GetAsync(runId, gone);
            await WriteAsync(http.Response, $"event: outcome\ndata: {JsonSerializer.Serialize(run?.ToOutcome(), AiOsJson.Options)}\n\n", gone);
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            // The reader went away; the run goes on.
        }
    }

    static async Task WriteAsync(HttpResponse response, string text, CancellationToken cancellationToken)
    {
        await response.WriteAsync(text, cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
    }
}
