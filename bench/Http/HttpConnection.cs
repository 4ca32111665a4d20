using System.Buffers;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace AiOs.Bench.Http;

/// <summary>
/// One connection of HTTP/1.1 that stays open and posts JSON, one request at a time, on a thread that waits in the kernel: as little as a client can be that shares the cores with
/// the server it measures. Reads answers with a length or in chunks (RFC 9112, sections 6 and 7.1).
/// </summary>
sealed class HttpConnection : IDisposable
{
    static readonly TimeSpan patience = TimeSpan.FromSeconds(60);

    readonly Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = (int)patience.TotalMilliseconds };
    readonly string head;
    byte[] buffer = new byte[16 * 1024];
    int filled;

    /// <summary>Connects.</summary>
    /// <param name="address">Where requests go to.</param>
    public HttpConnection(Uri address)
    {
        // A socket that has never done anything asynchronous blocks its thread in the kernel, without the runtime's poller between them.
        socket.Connect(address.Host, address.Port);
        head = $"POST {address.PathAndQuery} HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/json\r\nContent-Length: ";
    }

    /// <summary>Posts a body and returns the status and the body of the answer.</summary>
    /// <exception cref="IOException">The answer is no HTTP, tells no length, or ends in the middle.</exception>
    /// <exception cref="FormatException">A length is no number.</exception>
    public (int Status, string Body) Post(string json)
    {
        socket.Send(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{head}{Encoding.UTF8.GetByteCount(json)}\r\n\r\n{json}")));
        filled = 0;
        int end;
        while ((end = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8)) < 0)
            Receive();
        var body = end + 4;
        if (!buffer.AsSpan(0, end).StartsWith("HTTP/1.1 "u8) || !int.TryParse(buffer.AsSpan(9, 3), CultureInfo.InvariantCulture, out var status))
            throw new IOException("The answer is not HTTP/1.1: " + Encoding.Latin1.GetString(buffer, 0, Math.Min(end, 100)));
        return (status, Header("content-length", end) is { } length
            ? Encoding.UTF8.GetString(Bytes(body, int.Parse(length, NumberStyles.None, CultureInfo.InvariantCulture)))
            : string.Equals(Header("transfer-encoding", end), "chunked", StringComparison.OrdinalIgnoreCase) ? Chunks(body) : throw new IOException("The answer tells no length."));
    }

    string? Header(string name, int end)
    {
        foreach (var line in buffer.AsSpan(0, end).Split("\r\n"u8))
        {
            var field = buffer.AsSpan(0, end)[line];
            if (field.Length > name.Length && field[name.Length] == (byte)':' && Ascii.EqualsIgnoreCase(field[..name.Length], name))
                return Encoding.Latin1.GetString(field[(name.Length + 1)..]).Trim();
        }
        return null;
    }

    string Chunks(int at)
    {
        var whole = new ArrayBufferWriter<byte>();
        while (true)
        {
            int digits;
            while ((digits = buffer.AsSpan(at, filled - at).IndexOf("\r\n"u8)) < 0)
                Receive();
            var size = int.Parse(Encoding.ASCII.GetString(buffer, at, digits).Split(';')[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            whole.Write(Bytes(at + digits + 2, size));
            at += digits + 2 + size + 2;
            while (filled < at)
                Receive();
            if (size == 0)
                return Encoding.UTF8.GetString(whole.WrittenSpan);
        }
    }

    ReadOnlySpan<byte> Bytes(int at, int length)
    {
        while (filled < at + length)
            Receive();
        return buffer.AsSpan(at, length);
    }

    void Receive()
    {
        if (filled == buffer.Length)
            Array.Resize(ref buffer, 2 * buffer.Length);
        var received = socket.Receive(buffer.AsSpan(filled));
        filled += received > 0 ? received : throw new IOException("The server closed the connection in the middle of an answer.");
    }

    /// <inheritdoc/>
    public void Dispose() => socket.Dispose();
}
