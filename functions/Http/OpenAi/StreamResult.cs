using AiOs.Serving.Chat;
using AiOs.Serving.Gateway;
using AiOs.Serving.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace AiOs.Functions.Http.OpenAi;

/// <summary>A chat completion in pieces, as server-sent events; what breaks off after the first piece is told as a piece with an error, and <c>[DONE]</c> does not follow.</summary>
sealed class StreamResult(ChatStream stream, StreamRestoration restoration, bool includeUsage, DateTimeOffset now) : IActionResult
{
    public async Task ExecuteResultAsync(ActionContext context)
    {
        await using var answer = stream;
        var (response, gone) = (context.HttpContext.Response, context.HttpContext.RequestAborted);
        CallHeaders.Write(response, answer.CallId, answer.Deployment, answer.End, answer.SoftExceeded);
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache";
        try
        {
            while (await answer.NextAsync(gone))
                if (includeUsage || !answer.IsUsage)
                    foreach (var piece in restoration.Take(answer.Piece))
                        await WriteAsync(response, piece, gone);
            await WriteAsync(response, "[DONE]"u8.ToArray(), gone);
        }
        catch (ModelException e)
        {
            await WriteAsync(response, OpenAiError.Of(e, now)!.ToJson(), gone);
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            // The reader went away; disposing of the stream tells whoever writes.
        }
    }

    static async ValueTask WriteAsync(HttpResponse response, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        var writer = response.BodyWriter;
        "data: "u8.CopyTo(writer.GetSpan(6));
        writer.Advance(6);
        data.Span.CopyTo(writer.GetSpan(data.Length));
        writer.Advance(data.Length);
        "\n\n"u8.CopyTo(writer.GetSpan(2));
        writer.Advance(2);
        await writer.FlushAsync(cancellationToken);
    }
}
