using System.CommandLine;
using AiOs.Local.CommandLine;
using AiOs.Models.Sentences;

namespace AiOs.Bench.Inference;

/// <summary><c>bench inference</c>: the sentence encoder through the inference server against the same file in a session of this process, one after the other in every round.</summary>
static class InferenceCommand
{
    const int Batch = 64;

    public static Command Create()
    {
        var callers = new Option<int>("--concurrency") { Description = "Callers at once.", DefaultValueFactory = _ => 64 };
        var seconds = new Option<double>("--seconds") { Description = "Length of one measurement.", DefaultValueFactory = _ => 3 };
        var rounds = new Option<int>("--repeat") { Description = "Rounds; the median counts.", DefaultValueFactory = _ => 3 };
        var model = new Option<string?>("--model") { Description = "Folder with model.onnx and vocabulary.json (default: the encoder that is built)." };
        var set = new Option<string[]>("--set") { Description = "Settings of the model's config.json, such as maxTokens=512.", AllowMultipleArgumentsPerToken = true };
        var int8 = new Option<bool>("--int8") { Description = "Compare the encoder in 8 bits with the original instead: quantised here, through the parity gate, in process." };
        callers.Validators.Add(result => { if (result.GetValueOrDefault<int>() is < 1 or > 1000) result.AddError("--concurrency is from 1 to 1000."); });
        seconds.Validators.Add(result => { if (result.GetValueOrDefault<double>() is not (> 0 and <= 600)) result.AddError("--seconds is more than 0 and at most 600."); });
        rounds.Validators.Add(result => { if (result.GetValueOrDefault<int>() is < 1 or > 100) result.AddError("--repeat is from 1 to 100."); });
        var json = CommonOptions.Json();
        var command = new Command("inference", "The sentence encoder through the inference server, against the same session in process.") { callers, seconds, rounds, model, set, int8, json };
        command.SetAction((parsed, cancellationToken) => parsed.GetValue(int8) ? Task.FromResult(Int8Comparison.Run(
            TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(rounds), parsed.GetValue(model) ?? SentenceEncoder.DefaultDirectory, new Shell(parsed.GetValue(json)))) : RunAsync(
            parsed.GetValue(callers), TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(rounds), parsed.GetValue(model) ?? SentenceEncoder.DefaultDirectory, parsed.GetValue(set) ?? [], new Shell(parsed.GetValue(json)), cancellationToken));
        return command;
    }

    static async Task<int> RunAsync(int callers, TimeSpan length, int rounds, string folder, string[] settings, Shell shell, CancellationToken cancellationToken)
    {
        using var place = new Workplace(Directory.CreateDirectory(Path.Combine(Root.Path, "artifacts", "bench")).FullName);
        var machine = Machine.Describe(place.Folder);
        BenchRepository.Add(place.Folder, "batched", folder, settings);
        BenchRepository.Add(place.Folder, "single", folder, [.. settings, "maxRows=1"]);
        var texts = Sentences.Make(2048);
        using var twoThreads = new InProcess(folder, texts, threads: 2);
        using var oneThread = new InProcess(folder, texts, threads: 1);
        using var server = await InferenceProcess.StartAsync(place.Folder, cancellationToken);
        (string Name, OipCallers Callers)[] ways =
        [
            ("binary, batching", new(server.Address, "batched", binary: true, texts)),
            ("JSON, batching", new(server.Address, "batched", binary: false, texts)),
            ("binary, one by one", new(server.Address, "single", binary: true, texts)),
        ];
        foreach (var (_, way) in ways)
            await way.RunAsync(callers, TimeSpan.FromSeconds(1), cancellationToken);
        var runs = ways.Select(_ => new List<(double PerSecond, double[] Milliseconds)>()).ToArray();
        var (oneByTwo, twoByOne, bucketed) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            shell.Note($"round {round + 1} of {rounds}");
            oneByTwo.Add(twoThreads.PerSecond(1, Batch, Batch, length));
            twoByOne.Add(oneThread.PerSecond(2, Batch, Batch, length));
            bucketed.Add(oneThread.PerSecond(2, 8, Batch, length));
            for (var way = 0; way < ways.Length; way++)
                runs[way].Add(await ways[way].Callers.RunAsync(callers, length, cancellationToken));
        }
        InferenceLevel[] levels = [.. ways.Zip(runs, (way, rounds) => Level(way.Name, rounds))];
        var (one, two, sorted) = (Spread.Of(oneByTwo).Median, Spread.Of(twoByOne).Median, Spread.Of(bucketed).Median);
        var limit = Math.Max(one, two);
        var report = new InferenceReport(
            levels[0].PerSecond / limit, levels[0].PerSecond, levels[0].P50Ms, levels[0].P99Ms, levels[1].PerSecond / limit, limit, one, two, sorted, levels[0].PerSecond / sorted,
            levels[0].PerSecond / levels[2].PerSecond, levels[0].P99Ms / levels[0].P50Ms, callers, length.TotalSeconds, rounds, oneThread.MeanTokens, levels, machine);
        shell.Result(report, report.Write);
        return ExitCode.Ok;
    }

    static InferenceLevel Level(string name, List<(double PerSecond, double[] Milliseconds)> rounds)
    {
        var spread = Spread.Of(rounds.Select(round => round.PerSecond));
        return new(name, spread.Median, At(0.5), At(0.99), spread);

        double At(double share) => Spread.Of(rounds.Select(round => round.Milliseconds[(int)((round.Milliseconds.Length - 1) * share)])).Median;
    }
}
