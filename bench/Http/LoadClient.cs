using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace AiOs.Bench.Http;

/// <summary>
/// A closed loop: so many callers, each on a connection of its own that stays open, each sending its next order when the last is answered.
/// A caller is a thread that waits in the kernel, so that the client takes as little as it can of the cores it shares with the server.
/// </summary>
sealed class LoadClient(Uri address, int concurrency) : IDisposable
{
    static readonly MediaTypeHeaderValue json = new("application/json");

    readonly HttpMessageInvoker http = new(new SocketsHttpHandler
    {
        MaxConnectionsPerServer = concurrency,
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ActivityHeadersPropagator = null,
        ConnectCallback = static (context, _) => ValueTask.FromResult(Connect(context.DnsEndPoint)),
    });

    int number;

    // A socket that has never done anything asynchronous blocks its thread in the kernel, without the runtime's poller between them.
    static Stream Connect(DnsEndPoint server)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(server.Host, server.Port);
        return new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>Sends orders for that long; every answer is checked.</summary>
    /// <returns>How long it took until the last answer, and the milliseconds of each order in ascending order.</returns>
    /// <exception cref="InvalidOperationException">An order was answered wrongly.</exception>
    public async Task<(double Seconds, double[] Milliseconds)> RunAsync(TimeSpan length, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        var callers = await Task.WhenAll(Enumerable.Range(0, concurrency).Select(_ => Task.Factory.StartNew(
            () => Call(began, length, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        return (seconds, [.. callers.SelectMany(times => times).Order()]);
    }

    // At least one order each, so that the shortest run has something to tell.
    List<double> Call(long began, TimeSpan length, CancellationToken cancellationToken)
    {
        List<double> times = [];
        do
        {
            var sent = TimeProvider.System.GetTimestamp();
            Fulfil($"o-{Interlocked.Increment(ref number)}", cancellationToken);
            times.Add(TimeProvider.System.GetElapsedTime(sent).TotalMilliseconds);
        }
        while (TimeProvider.System.GetElapsedTime(began) < length);
        return times;
    }

    void Fulfil(string order, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes($$"""{"order":"{{order}}"}""")) { Headers = { ContentType = json } },
        };
        using var response = http.Send(request, cancellationToken);
        using var reader = new StreamReader(response.Content.ReadAsStream(cancellationToken));
        var answer = reader.ReadToEnd();
        if (response.StatusCode != HttpStatusCode.OK || answer != $$"""{"order":"{{order}}","receipts":["reserve {{order}}","charge {{order}}","ship {{order}}"]}""")
            throw new InvalidOperationException($"{address} answered {order} with {(int)response.StatusCode} {answer}");
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();
}
