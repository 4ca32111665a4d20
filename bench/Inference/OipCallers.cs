using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace AiOs.Bench.Inference;

/// <summary>A closed loop of callers, each on a connection of its own, one sentence a request. It writes and reads HTTP/1.1 by hand: the client shares the two cores with the server, and its cost is not the server's.</summary>
sealed class OipCallers(Uri address, string model, bool binary, string[] texts)
{
    readonly byte[][] requests = [.. texts.Select(text => Request(address, model, binary, text))];
    readonly int vectorBytes = binary ? 512 * sizeof(float) : 0;
    int next;

    /// <summary>Calls for that long.</summary>
    /// <returns>Answers a second, and the milliseconds of each in ascending order.</returns>
    /// <exception cref="InvalidOperationException">A request was not answered with one vector.</exception>
    public async Task<(double PerSecond, double[] Milliseconds)> RunAsync(int callers, TimeSpan length, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        var times = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(() => CallAsync(began, length, cancellationToken), cancellationToken)));
        var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        double[] all = [.. times.SelectMany(some => some).Order()];
        return (all.Length / seconds, all);
    }

    async Task<List<double>> CallAsync(long began, TimeSpan length, CancellationToken cancellationToken)
    {
        List<double> times = [];
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, address.Port, cancellationToken);
        var buffer = new byte[64 << 10];
        while (TimeProvider.System.GetElapsedTime(began) < length)
        {
            var sent = TimeProvider.System.GetTimestamp();
            await socket.SendAsync(requests[Interlocked.Increment(ref next) % requests.Length], cancellationToken);
            await ReadAsync(socket, buffer, cancellationToken);
            times.Add(TimeProvider.System.GetElapsedTime(sent).TotalMilliseconds);
        }
        return times;
    }

    async ValueTask ReadAsync(Socket socket, byte[] buffer, CancellationToken cancellationToken)
    {
        var (length, head, total) = (0, -1, int.MaxValue);
        while (length < total)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
            if (read == 0)
                throw new InvalidOperationException("The server closed a connection.");
            length += read;
            if (head < 0 && (head = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8)) >= 0)
                total = head + 4 + Number(buffer.AsSpan(0, head), "\r\nContent-Length: "u8);
        }
        var body = total - head - 4;
        if (!buffer.AsSpan().StartsWith("HTTP/1.1 200"u8) || body - (binary ? Number(buffer.AsSpan(0, head), "\r\nInference-Header-Content-Length: "u8) : 0) < Math.Max(vectorBytes, 1024))
            throw new InvalidOperationException(Encoding.UTF8.GetString(buffer, 0, Math.Min(total, 500)));
    }

    static int Number(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name)
    {
        var at = head.IndexOf(name);
        if (at < 0)
            throw new InvalidOperationException($"There is no{Encoding.UTF8.GetString(name)}in {Encoding.UTF8.GetString(head)}.");
        var rest = head[(at + name.Length)..];
        var end = rest.IndexOf((byte)'\r');
        return int.Parse(end < 0 ? rest : rest[..end], NumberStyles.None, CultureInfo.InvariantCulture);
    }

    static byte[] Request(Uri address, string model, bool binary, string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        var element = new byte[sizeof(uint) + utf8.Length];
        BinaryPrimitives.WriteInt32LittleEndian(element, utf8.Length);
        utf8.CopyTo(element, sizeof(uint));
        var json = Encoding.UTF8.GetBytes(binary
            ? $$$"""{"inputs":[{"name":"text","shape":[1],"datatype":"BYTES","parameters":{"binary_data_size":{{{element.Length}}}}}],"parameters":{"binary_data_output":true}}"""
            : $$$"""{"inputs":[{"name":"text","shape":[1],"datatype":"BYTES","data":[{{{JsonSerializer.Serialize(text)}}}]}]}""");
        var tail = binary ? element : [];
        var head = $"POST /v2/models/{model}/infer HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: {(binary ? "application/octet-stream" : "application/json")}\r\nContent-Length: {json.Length + tail.Length}\r\n"
            + (binary ? $"Inference-Header-Content-Length: {json.Length}\r\n\r\n" : "\r\n");
        return [.. Encoding.ASCII.GetBytes(head), .. json, .. tail];
    }
}
