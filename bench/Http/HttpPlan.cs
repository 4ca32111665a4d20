using System.Globalization;

namespace AiOs.Bench.Http;

/// <summary>What is measured, and how often.</summary>
sealed record HttpPlan(IReadOnlyList<int> Concurrencies, TimeSpan WarmUp, TimeSpan Length, int Rounds)
{
    /// <summary>Measures every server once a round, in turn, so that what else the machine does hits all of them.</summary>
    public async Task<HttpRuns> MeasureAsync(IReadOnlyList<IServer> servers, string folder, Action<string> note, CancellationToken cancellationToken)
    {
        var runs = new HttpRuns();
        for (var round = 1; round <= Rounds; round++)
            foreach (var server in servers)
            {
                using var place = new Workplace(folder);
                await using var serving = await server.StartAsync(place.Folder, cancellationToken);
                using (var first = new LoadClient(serving.Address, Concurrencies.Max()))
                    await first.RunAsync(WarmUp, cancellationToken);
                foreach (var concurrency in Concurrencies)
                {
                    var run = await HttpRun.MeasureAsync(serving, concurrency, WarmUp, Length, folder, cancellationToken);
                    runs[server.Name, concurrency].Add(run);
                    note(string.Create(CultureInfo.InvariantCulture,
                        $"round {round} {server.Name} x{concurrency}: {run.PerSecond:0}/s, p50 {run.P50Ms:0.0} ms, p99 {run.P99Ms:0.0} ms, {(run.Work?.Commits + run.Work?.Settlements)?.ToString(CultureInfo.InvariantCulture) ?? "uncounted"} syncs, disk {run.DiskSyncsPerSecond:0}/s ({run.DiskShare:0.000}), load {run.Load:0.0}"));
                }
            }
        return runs;
    }
}

/// <summary>Runs by server and concurrency, in the order of the rounds.</summary>
sealed class HttpRuns
{
    readonly Dictionary<(string, int), List<HttpRun>> runs = [];

    /// <summary>All of them.</summary>
    public IEnumerable<HttpRun> All => runs.Values.SelectMany(list => list);

    /// <summary>Those of one server at one concurrency.</summary>
    public List<HttpRun> this[string server, int concurrency] =>
        runs.TryGetValue((server, concurrency), out var found) ? found : runs[(server, concurrency)] = [];
}
