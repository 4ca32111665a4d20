using System.Globalization;
using AiOs.Local.CommandLine;
using Spectre.Console;

namespace AiOs.Bench.Engine;

/// <summary>What it takes to start on a file full of waiting instances, and to reach one of them. The single figures are medians of fresh processes.</summary>
sealed record WaitingReport(
    int Instances, double BuildSeconds, double FileMB, double StartSeconds, double ResidentMB, double EventToWakeMs, IReadOnlyList<Wake> Processes)
{
    /// <summary>Builds the file, then starts so many fresh processes on it.</summary>
    public static async Task<WaitingReport> MeasureAsync(int instances, int processes, string folder, Shell shell, CancellationToken cancellationToken)
    {
        using var place = new Workplace(folder);
        var path = place.File("durable.db");
        shell.Note(string.Create(CultureInfo.InvariantCulture, $"waitingInstances: scheduling {instances} ..."));
        var built = await Waiting.BuildAsync(path, instances, cancellationToken);
        var wakes = new List<Wake>();
        for (var process = 0; process < processes; process++)
        {
            wakes.Add(await Waiting.WakeElsewhereAsync(path, Waiting.Id((int)((process + 0.5) / processes * instances)), cancellationToken));
            shell.Note(wakes[^1].ToString());
        }
        return new(instances, built.TotalSeconds, new FileInfo(path).Length / 1e6,
            Median(wake => wake.StartSeconds), Median(wake => wake.ResidentMB), Median(wake => wake.EventToWakeMs), wakes);

        double Median(Func<Wake, double> of) => Spread.Of(wakes.Select(of)).Median;
    }

    /// <summary>For a person.</summary>
    public void Write(IAnsiConsole console) => console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"waitingInstances: on {Instances} ({FileMB:0} MB, scheduled and begun in {BuildSeconds:0} s) an engine is ready in {StartSeconds:0.000} s with {ResidentMB:0} MB resident, "
        + $"and its first event wakes an instance in {EventToWakeMs:0.0} ms (medians of {Processes.Count} fresh processes)"));
}
