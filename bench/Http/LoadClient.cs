using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace AiOs.Bench.Http;

/// <summary>A closed loop: so many callers, each on a connection of its own that stays open, each sending its next order when the last is answered.</summary>
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
    });

    int number;

    /// <summary>Sends orders for that long; every answer is checked.</summary>
    /// <returns>How long it took until the last answer, and the milliseconds of each order in ascending order.</returns>
    /// <exception cref="InvalidOperationException">An order was answered wrongly.</exception>
    public async Task<(double Seconds, double[] Milliseconds)> RunAsync(TimeSpan length, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        var callers = await Task.WhenAll(Enumerable.Range(0, concurrency).Select(_ => CallAsync(began, length, cancellationToken)));
        var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        return (seconds, [.. callers.SelectMany(times => times).Order()]);
    }

    // At least one order each, so that the shortest run has something to tell.
    async Task<List<double>> CallAsync(long began, TimeSpan length, CancellationToken cancellationToken)
    {
        List<double> times = [];
        do
        {
            var sent = TimeProvider.System.GetTimestamp();
            await FulfilAsync($"o-{Interlocked.Increment(ref number)}", cancellationToken);
            times.Add(TimeProvider.System.GetElapsedTime(sent).TotalMilliseconds);
        }
        while (TimeProvider.System.GetElapsedTime(began) < length);
        return times;
    }

    async Task FulfilAsync(string order, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes($$"""{"order":"{{order}}"}""")) { Headers = { ContentType = json } },
        };
        using var response = await http.SendAsync(request, cancellationToken);
        var answer = await response.Content.ReadAsStringAsync(cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK || answer != $$"""{"order":"{{order}}","receipts":["reserve {{order}}","charge {{order}}","ship {{order}}"]}""")
            throw new InvalidOperationException($"{address} answered {order} with {(int)response.StatusCode} {answer}");
    }

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();
}
