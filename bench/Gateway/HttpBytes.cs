using System.Buffers.Text;
using System.Net.Sockets;

namespace AiOs.Bench.Gateway;

/// <summary>Just enough of HTTP/1.1: one message with a content-length, or in chunks, from a connection that carries nothing else.</summary>
static class HttpBytes
{
    /// <summary>Reads one message into <paramref name="buffer"/>; its length, or 0 where the connection has ended.</summary>
    /// <exception cref="InvalidDataException">It is larger than the buffer.</exception>
    public static async ValueTask<int> ReadAsync(Socket socket, byte[] buffer, CancellationToken cancellationToken)
    {
        var (have, need) = (0, -1);
        while (need < 0 || have < need)
        {
            if (have == buffer.Length)
                throw new InvalidDataException("A message is larger than what is read.");
            var read = await socket.ReceiveAsync(buffer.AsMemory(have), cancellationToken);
            if (read == 0)
                return 0;
            have += read;
            if (need < 0)
                need = Length(buffer.AsSpan(0, have));
        }
        return need;
    }

    /// <summary>The length of the message that begins here; -1 while that cannot be told.</summary>
    static int Length(ReadOnlySpan<byte> message)
    {
        var head = message.IndexOf("\r\n\r\n"u8);
        if (head < 0)
            return -1;
        var at = message[..head].IndexOf("\r\ncontent-length: "u8);
        if (at < 0)
            at = message[..head].IndexOf("\r\nContent-Length: "u8);
        if (at >= 0 && Utf8Parser.TryParse(message[(at + 18)..], out int body, out _))
            return head + 4 + body;
        return message.EndsWith("0\r\n\r\n"u8) ? message.Length : -1;
    }
}
