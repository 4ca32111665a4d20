using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AiOs.Bench.Gateway;

/// <summary>An upstream that answers at once: HTTP/1.1 by hand over sockets, one answer for whatever is posted, so that what is measured is not it.</summary>
static class RawServer
{
    const string Body = """{"id":"chatcmpl-bench","object":"chat.completion","created":1767225600,"model":"instant","choices":[{"index":0,"message":{"role":"assistant","content":"A replacement for a lost card is free twice a year; each further one costs eight euros, and delivery takes three to five working days.","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":92,"completion_tokens":31,"total_tokens":123}}""";

    static readonly byte[] Answer = Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {Body.Length}\r\n\r\n{Body}");

    /// <summary>Serves until the token; returns at once with where.</summary>
    public static Uri Start(CancellationToken cancellationToken)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(512);
        _ = AcceptAsync(listener, cancellationToken);
        return new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndPoint!).Port}/v1");
    }

    static async Task AcceptAsync(Socket listener, CancellationToken cancellationToken)
    {
        using (listener)
            while (!cancellationToken.IsCancellationRequested)
                _ = ServeAsync(await listener.AcceptAsync(cancellationToken), cancellationToken);
    }

    static async Task ServeAsync(Socket socket, CancellationToken cancellationToken)
    {
        using var connection = socket;
        connection.NoDelay = true;
        var buffer = new byte[256 * 1024];
        try
        {
            while (await HttpBytes.ReadAsync(connection, buffer, cancellationToken) > 0)
                await connection.SendAsync(Answer, cancellationToken);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or InvalidDataException)
        {
            // Whoever asked has gone.
        }
    }
}
