using System.CommandLine;
using System.Globalization;
using AiOs.Bench.Peers;
using AiOs.Local.CommandLine;

namespace AiOs.Bench.Http;

/// <summary><c>bench http</c>: a workflow of three durable steps behind HTTP, from outside, and on request a peer with the same work in the same run.</summary>
static class HttpCommand
{
    const int MostCallers = 1000;

    public static Command Create()
    {
        var callers = new Option<string>("--concurrency") { Description = "Callers at once, one measurement each.", DefaultValueFactory = _ => "1,32,128" };
        var seconds = new Option<double>("--seconds") { Description = "Length of one measurement.", DefaultValueFactory = _ => 5 };
        var warmUp = new Option<double>("--warm-up") { Description = "Seconds that are not counted, after the start of a server and before each measurement.", DefaultValueFactory = _ => 3 };
        var repeat = new Option<int>("--repeat") { Description = "Rounds; every server starts afresh in each, one after the other, and the median counts.", DefaultValueFactory = _ => 3 };
        var peer = new Option<string?>("--peer") { Description = "Measure this one in the same run; it is restored by npm." };
        var folder = new Option<string?>("--folder") { Description = "Where to write (default: artifacts/bench beside the program); it should be on the disk that counts." };
        peer.AcceptOnlyFromAmong("restate");
        callers.Validators.Add(result => Require(result, Numbers(result.GetValueOrDefault<string>()) is not null, $"--concurrency is a list of numbers from 1 to {MostCallers}, such as 1,32,128."));
        seconds.Validators.Add(result => Require(result, result.GetValueOrDefault<double>() is > 0 and <= 3600, "--seconds is more than 0 and at most 3600."));
        warmUp.Validators.Add(result => Require(result, result.GetValueOrDefault<double>() is >= 0 and <= 3600, "--warm-up is from 0 to 3600."));
        repeat.Validators.Add(result => Require(result, result.GetValueOrDefault<int>() is >= 1 and <= 1000, "--repeat is from 1 to 1000."));
        var json = CommonOptions.Json();
        var command = new Command("http", "A workflow of three durable steps behind HTTP: the embedded host in a process of its own, asked from this one.") { callers, seconds, warmUp, repeat, peer, folder, json };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new(Numbers(parsed.GetValue(callers))!, TimeSpan.FromSeconds(parsed.GetValue(warmUp)), TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(repeat)),
            withRestate: parsed.GetValue(peer) is not null,
            Directory.CreateDirectory(parsed.GetValue(folder) ?? Path.Combine(Root.Path, "artifacts", "bench")).FullName,
            new Shell(parsed.GetValue(json)),
            cancellationToken));
        return command;
    }

    static async Task<int> RunAsync(HttpPlan plan, bool withRestate, string folder, Shell shell, CancellationToken cancellationToken)
    {
        if (withRestate)
            await RestateServer.RestoreAsync(cancellationToken);
        IServer[] servers = [new FunctionsServer(), .. withRestate ? RestateServer.Both : []];
        var machine = Machine.Describe(folder);
        shell.Note(machine.ToString());
        var runs = await plan.MeasureAsync(servers, folder, shell.Note, cancellationToken);
        var report = new HttpReport(
            machine, Machine.LoadNow(), Spread.Of(runs.All.Select(run => run.DiskSyncsPerSecond)), plan.Length.TotalSeconds, plan.WarmUp.TotalSeconds, Levels(servers[0]),
            [.. servers.Skip(1).Select(peer => new HttpPeer(peer.Name, Levels(peer), plan.Concurrencies.ToDictionary(c => c, c => Ratio(peer, c))))]);
        shell.Result(report, report.Write);
        return ExitCode.Ok;

        IReadOnlyList<HttpLevel> Levels(IServer server) => [.. plan.Concurrencies.Select(c => HttpLevel.Of(c, runs[server.Name, c]))];

        Spread Ratio(IServer peer, int concurrency) =>
            Spread.Of(runs[servers[0].Name, concurrency].Zip(runs[peer.Name, concurrency], (ours, theirs) => ours.PerSecond / theirs.PerSecond));
    }

    static void Require(System.CommandLine.Parsing.OptionResult result, bool holds, string otherwise)
    {
        if (!holds)
            result.AddError(otherwise);
    }

    static int[]? Numbers(string? list)
    {
        var words = (list ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        int[] numbers = [.. words.Select(word => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)];
        return numbers.Length > 0 && numbers.All(number => number is >= 1 and <= MostCallers) ? [.. numbers.Distinct()] : null;
    }
}
