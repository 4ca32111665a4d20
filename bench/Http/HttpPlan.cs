using System.Globalization;

namespace AiOs.Bench.Http;

/// <summary>What is measured, and how often.</summary>
sealed record HttpPlan(IReadOnlyList<int> Concurrencies, TimeSpan WarmUp, TimeSpan Length, int Rounds)
{
    /// <summary>Measures every server once a round, in turn, so that what else the machine does hits all of them; and the disk before each.</summary>
    public async Task<(HttpRuns Runs, List<double> Disk)> MeasureAsync(IReadOnlyList<IServer> servers, string folder, Action<string> note, CancellationToken cancellationToken)
    {
        var runs = new HttpRuns();
        var disk = new List<double>();
        for (var round = 1; round <= Rounds; round++)
            foreach (var server in servers)
            {
                disk.Add(Disk.SyncsPerSecond(folder));
                using var place = new Workplace(folder);
                await using var serving = await server.StartAsync(place.Folder, cancellationToken);
                using (var first = new LoadClient(serving.Address, Concurrencies.Max()))
                    await first.RunAsync(WarmUp, cancellationToken);
                foreach (var concurrency in Concurrencies)
                {
                    var run = await HttpRun.MeasureAsync(serving, concurrency, WarmUp, Length, cancellationToken);
                    runs[server.Name, concurrency].Add(run);
                    note(string.Create(CultureInfo.InvariantCulture,
                        $"round {round} {server.Name} x{concurrency}: {run.PerSecond:0}/s, p50 {run.P50Ms:0.0} ms, p99 {run.P99Ms:0.0} ms, {(run.Work?.Commits + run.Work?.Settlements)?.ToString(CultureInfo.InvariantCulture) ?? "uncounted"} syncs, disk {disk[^1]:0}/s, load {run.Load:0.0}"));
                }
            }
        return (runs, disk);
    }
}

/// <summary>Runs by server and concurrency, in the order of the rounds.</summary>
sealed class HttpRuns
{
    readonly Dictionary<(string, int), List<HttpRun>> runs = [];

    /// <summary>Those of one server at one concurrency.</summary>
    public List<HttpRun> this[string server, int concurrency] =>
        runs.TryGetValue((server, concurrency), out var found) ? found : runs[(server, concurrency)] = [];
}
