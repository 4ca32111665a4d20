using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AiOs.Inference.Http;

/// <summary>Writes what is not an inference.</summary>
static class Reply
{
    static readonly JsonSerializerOptions snake = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Task JsonAsync<T>(HttpContext context, T value, int status = StatusCodes.Status200OK) =>
        BytesAsync(context, status, "application/json", JsonSerializer.SerializeToUtf8Bytes(value, snake));

    public static Task TextAsync(HttpContext context, string text) => BytesAsync(context, StatusCodes.Status200OK, "text/plain; version=0.0.4; charset=utf-8", Encoding.UTF8.GetBytes(text));

    /// <summary>The error object of the protocol; where the reply has begun, the connection ends instead.</summary>
    public static Task ErrorAsync(HttpContext context, int status, string message, int? retryAfter = null)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return Task.CompletedTask;
        }
        if (retryAfter is { } seconds)
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return JsonAsync(context, new { error = message }, status);
    }

    static async Task BytesAsync(HttpContext context, int status, string type, byte[] body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = body.Length;
        await context.Response.BodyWriter.WriteAsync(body, context.RequestAborted);
    }
}
