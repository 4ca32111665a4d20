using System.Net;

namespace AiOs.Bench.Http;

/// <summary>
/// A closed loop: so many callers, each on a connection of its own that stays open, each sending its next order when the last is answered.
/// A caller is a thread that waits in the kernel, so that the client takes as little as it can of the cores it shares with the server.
/// </summary>
sealed class LoadClient(Uri address, int concurrency) : IDisposable
{
    readonly Lazy<HttpConnection[]> connections = new(() => [.. Enumerable.Range(0, concurrency).Select(_ => new HttpConnection(address))]);

    int number;

    /// <summary>Sends orders for that long; every answer is checked.</summary>
    /// <returns>How long it took until the last answer, and the milliseconds of each order in ascending order.</returns>
    /// <exception cref="InvalidOperationException">An order was answered wrongly.</exception>
    public async Task<(double Seconds, double[] Milliseconds)> RunAsync(TimeSpan length, CancellationToken cancellationToken)
    {
        var mine = connections.Value;
        var began = TimeProvider.System.GetTimestamp();
        var callers = await Task.WhenAll(mine.Select(connection => Task.Factory.StartNew(
            () => Call(connection, began, length, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        return (seconds, [.. callers.SelectMany(times => times).Order()]);
    }

    // At least one order each, so that the shortest run has something to tell.
    List<double> Call(HttpConnection connection, long began, TimeSpan length, CancellationToken cancellationToken)
    {
        List<double> times = [];
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            var sent = TimeProvider.System.GetTimestamp();
            Fulfil(connection, $"o-{Interlocked.Increment(ref number)}");
            times.Add(TimeProvider.System.GetElapsedTime(sent).TotalMilliseconds);
        }
        while (TimeProvider.System.GetElapsedTime(began) < length);
        return times;
    }

    void Fulfil(HttpConnection connection, string order)
    {
        var (status, answer) = connection.Post($$"""{"order":"{{order}}"}""");
        if (status != (int)HttpStatusCode.OK || answer != $$"""{"order":"{{order}}","receipts":["reserve {{order}}","charge {{order}}","ship {{order}}"]}""")
            throw new InvalidOperationException($"{address} answered {order} with {status} {answer}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (connections.IsValueCreated)
            foreach (var connection in connections.Value)
                connection.Dispose();
    }
}
