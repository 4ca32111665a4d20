using System.CommandLine;
using System.Net.Http.Json;
using AiOs.Bench.Http;
using AiOs.Bench.Peers;
using AiOs.Local.CommandLine;

namespace AiOs.Bench.Gateway;

/// <summary><c>bench gateway</c>: a model of two targets in front of an instant upstream, through POST /v1/chat/completions, beside the same call without the gateway; client, gateway and upstream share the machine.</summary>
static class GatewayCommand
{
    public static Command Create()
    {
        var seconds = new Option<double>("--seconds") { Description = "Length of one measurement.", DefaultValueFactory = _ => 4 };
        var warmUp = new Option<double>("--warm-up") { Description = "Seconds that are not counted, before each measurement.", DefaultValueFactory = _ => 3 };
        var repeat = new Option<int>("--repeat") { Description = "Rounds; the median counts.", DefaultValueFactory = _ => 3 };
        var folder = new Option<string?>("--folder") { Description = "Where to write (default: artifacts/bench beside the program)." };
        var peer = new Option<string?>("--peer") { Description = "Measure this one in the same run; it is restored by npm." };
        peer.AcceptOnlyFromAmong("portkey");
        var json = CommonOptions.Json();
        var command = new Command("gateway", "A chat model of two targets in front of an instant upstream, each in a process of its own, beside the call without the gateway.") { seconds, warmUp, repeat, peer, folder, json };
        seconds.Validators.Add(result => Require(result, result.GetValueOrDefault<double>() is > 0 and <= 3600, "--seconds is more than 0 and at most 3600."));
        warmUp.Validators.Add(result => Require(result, result.GetValueOrDefault<double>() is >= 0 and <= 3600, "--warm-up is from 0 to 3600."));
        repeat.Validators.Add(result => Require(result, result.GetValueOrDefault<int>() is >= 1 and <= 1000, "--repeat is from 1 to 1000."));
        command.SetAction((parsed, cancellationToken) => RunAsync(TimeSpan.FromSeconds(parsed.GetValue(seconds)), TimeSpan.FromSeconds(parsed.GetValue(warmUp)), parsed.GetValue(repeat), parsed.GetValue(peer) is not null,
            Directory.CreateDirectory(parsed.GetValue(folder) ?? Path.Combine(Root.Path, "artifacts", "bench")).FullName, new Shell(parsed.GetValue(json)), cancellationToken));
        return command;
    }

    static async Task<int> RunAsync(TimeSpan length, TimeSpan warmUp, int repeat, bool withPortkey, string parent, Shell shell, CancellationToken cancellationToken)
    {
        if (withPortkey)
            await PortkeyServer.RestoreAsync(cancellationToken);
        using var place = new Workplace(parent);
        var machine = Machine.Describe(place.Folder);
        shell.Note(machine.ToString());
        await using var upstream = await Child.StartAsync(new(Environment.ProcessPath!, [.. FunctionsServer.Program(), "bench", "gateway-upstream"]), cancellationToken);
        var data = place.File("data");
        await using var gateway = await Child.StartAsync(new(Environment.ProcessPath!, [.. FunctionsServer.Program(), "bench", "gateway-host", "--folder", data, "--upstream", upstream.Address.ToString()]), cancellationToken);
        var key = (await File.ReadAllTextAsync(Path.Combine(data, "owner.key"), cancellationToken)).Trim();
        await using var portkey = withPortkey ? await PortkeyServer.StartAsync(cancellationToken) : null;
        var (ours, theirs) = ($"authorization: Bearer {key}\r\n", PortkeyServer.Headers(upstream.Address));
        var levels = new List<GatewayLevel>();
        foreach (var concurrency in new[] { 1, 32 })
        {
            List<GatewayRun> direct = [], through = [], peers = [];
            await new RawClient(gateway.Address, ours, concurrency).RunAsync(warmUp, cancellationToken);
            if (portkey is not null)
                await new RawClient(portkey.Address, theirs, concurrency).RunAsync(warmUp, cancellationToken);
            for (var round = 0; round < repeat; round++)
            {
                direct.Add(GatewayRun.Of(await new RawClient(upstream.Address, "", concurrency).RunAsync(length / 2, cancellationToken)));
                through.Add(GatewayRun.Of(await new RawClient(gateway.Address, ours, concurrency).RunAsync(length, cancellationToken)));
                if (portkey is not null)
                    peers.Add(GatewayRun.Of(await new RawClient(portkey.Address, theirs, concurrency).RunAsync(length, cancellationToken)));
                shell.Note($"{concurrency} callers, round {round + 1}: {through[^1].PerSecond:0}/s, p50 {through[^1].P50Ms:0.000} ms, p99 {through[^1].P99Ms:0.000} ms; direct {direct[^1].PerSecond:0}/s, p50 {direct[^1].P50Ms:0.000} ms{(peers.Count > 0 ? $"; portkey {peers[^1].PerSecond:0}/s, p50 {peers[^1].P50Ms:0.000} ms" : "")}");
            }
            levels.Add(new(concurrency, through, direct, peers));
        }
        var report = GatewayReport.Of(machine, length.TotalSeconds, levels, await CapturesAsync(gateway.Address, key, cancellationToken));
        shell.Result(report, report.Write);
        return ExitCode.Ok;
    }

    /// <summary>What became of the captures: under pressure some are dropped, and a figure that hides them would be a trick.</summary>
    static async Task<CaptureCounts> CapturesAsync(Uri gateway, string key, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = gateway };
        http.DefaultRequestHeaders.Authorization = new("Bearer", key);
        return (await http.GetFromJsonAsync<CaptureCounts>("/api/serving", cancellationToken))!;
    }

    static void Require(System.CommandLine.Parsing.OptionResult result, bool holds, string otherwise)
    {
        if (!holds)
            result.AddError(otherwise);
    }
}
