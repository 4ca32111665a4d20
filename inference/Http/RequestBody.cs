using System.Buffers;
using System.Globalization;
using System.Text.Json;
using AiOs.Models.Protocol;

namespace AiOs.Inference.Http;

/// <summary>A body in one rented piece.</summary>
sealed class RequestBody : IDisposable
{
    byte[] bytes;
    int length;

    RequestBody(int room) => bytes = ArrayPool<byte>.Shared.Rent(room);

    public ReadOnlyMemory<byte> Bytes => bytes.AsMemory(0, length);

    /// <summary>A body that is up to so many times too large is read and thrown away, so that its sender, who is still writing, gets to read why it was refused.</summary>
    public const int Tolerance = 4;

    /// <summary>Reads to the end.</summary>
    /// <exception cref="ProtocolException">The body is larger than <paramref name="most"/>.</exception>
    public static async Task<RequestBody> ReadAsync(HttpContext context, int most)
    {
        var body = new RequestBody(context.Request.ContentLength is { } length && length <= most ? (int)length + 1 : 4096);
        try
        {
            if (context.Request.ContentLength > most)
                await body.RefuseAsync(context, most, read: 0);
            while (true)
            {
                if (body.length == body.bytes.Length)
                    body.Grow();
                var read = await context.Request.Body.ReadAsync(body.bytes.AsMemory(body.length), context.RequestAborted);
                if (read == 0)
                    return body;
                body.length += read;
                if (body.length > most)
                    await body.RefuseAsync(context, most, body.length);
            }
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    /// <summary>How much of the body is JSON: what the header of the binary extension says, else all.</summary>
    /// <exception cref="ProtocolException">The header is no length inside the body.</exception>
    public int HeaderLength(HttpContext context)
    {
        if (!context.Request.Headers.TryGetValue("Inference-Header-Content-Length", out var header))
            return length;
        if (!int.TryParse(header.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var json) || json > length)
            throw ProtocolException.Bad($"Inference-Header-Content-Length has to be the length of the JSON, at most that of the body ({length}).");
        return json;
    }

    /// <summary>A boolean member of an optional JSON object.</summary>
    public static async Task<bool> FlagAsync(HttpContext context, string name)
    {
        using var body = await ReadAsync(context, most: 64 << 10);
        if (body.length == 0)
            return false;
        try
        {
            using var json = JsonDocument.Parse(body.Bytes);
            return json.RootElement.TryGetProperty(name, out var flag) && flag.GetBoolean();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw ProtocolException.Bad($"The body has to be a JSON object in which '{name}' is true or false: {e.Message}");
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = [];
    }

    void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(bytes.Length * 2);
        bytes.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(bytes);
        bytes = larger;
    }

    async Task RefuseAsync(HttpContext context, int most, long read)
    {
        for (var more = -1; more != 0 && read <= (long)most * Tolerance; read += more)
            more = await context.Request.Body.ReadAsync(bytes, context.RequestAborted);
        throw new ProtocolException(StatusCodes.Status413PayloadTooLarge, $"The body is larger than {most} bytes.");
    }
}
