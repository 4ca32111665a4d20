using System.Net.Sockets;
using System.Text;

namespace AiOs.Bench.Gateway;

/// <summary>A closed loop over sockets: so many callers, each on a connection that stays open, each asking again when it is answered; every answer is checked.</summary>
/// <param name="address">The base address of the API.</param>
/// <param name="headers">Header lines of its own, each with its end.</param>
/// <param name="concurrency">Callers at once.</param>
sealed class RawClient(Uri address, string headers, int concurrency)
{
    const string Asked = """{"model":"support","messages":[{"role":"system","content":"You answer the question of a customer of a bank, in one or two short sentences, from what the help centre says: a replacement for a lost card is free twice a year, each further one costs eight euros, delivery takes three to five working days within the country."},{"role":"user","content":"I lost my card. What does the replacement cost, and how long does its delivery take? Write to ada.lovelace@analytical.example, please."}],"temperature":0.2,"max_tokens":200}""";

    readonly byte[] request = Encoding.ASCII.GetBytes($"POST {address.AbsolutePath}/chat/completions HTTP/1.1\r\nhost: {address.Authority}\r\ncontent-type: application/json\r\n{headers}content-length: {Asked.Length}\r\n\r\n{Asked}");

    /// <summary>Asks for that long.</summary>
    /// <returns>How long it took until the last answer, and the milliseconds of each in ascending order.</returns>
    /// <exception cref="InvalidOperationException">A question was answered wrongly.</exception>
    public async Task<(double Seconds, double[] Milliseconds)> RunAsync(TimeSpan length, CancellationToken cancellationToken)
    {
        var sockets = new Socket[concurrency];
        for (var i = 0; i < concurrency; i++)
        {
            sockets[i] = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await sockets[i].ConnectAsync("127.0.0.1", address.Port, cancellationToken);
        }
        var began = TimeProvider.System.GetTimestamp();
        var callers = await Task.WhenAll(sockets.Select(socket => CallAsync(socket, began, length, cancellationToken)));
        var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        foreach (var socket in sockets)
            socket.Dispose();
        return (seconds, [.. callers.SelectMany(times => times).Order()]);
    }

    async Task<List<double>> CallAsync(Socket socket, long began, TimeSpan length, CancellationToken cancellationToken)
    {
        List<double> times = [];
        var buffer = new byte[64 * 1024];
        do
        {
            var sent = TimeProvider.System.GetTimestamp();
            await socket.SendAsync(request, cancellationToken);
            var read = await HttpBytes.ReadAsync(socket, buffer, cancellationToken);
            times.Add(TimeProvider.System.GetElapsedTime(sent).TotalMilliseconds);
            if (!buffer.AsSpan(0, read).StartsWith("HTTP/1.1 200"u8) || buffer.AsSpan(0, read).IndexOf("free twice a year"u8) < 0)
                throw new InvalidOperationException($"{address} answered {Encoding.UTF8.GetString(buffer, 0, read)}");
        }
        while (TimeProvider.System.GetElapsedTime(began) < length);
        return times;
    }
}
