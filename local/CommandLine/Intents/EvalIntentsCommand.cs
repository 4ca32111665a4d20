using System.CommandLine;
using System.Globalization;
using AiOs.Agents.Intent;
using AiOs.Observability.Intents;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace AiOs.Local.CommandLine.Intents;

/// <summary><c>eval intents</c>: trains on one labelled file and asks about another, with the trainer and the classifier that serve apps.</summary>
static class EvalIntentsCommand
{
    /// <summary>The means over the seeds; times in seconds and milliseconds, shares from 0 to 1. <paramref name="AccuracySd"/> is the standard deviation between seeds.</summary>
    sealed record Report(double Accuracy, double MacroF1, double Ece, double? OosAuroc, double TrainSeconds, double P50Ms, double P95Ms, double AccuracySd, int Intents, int Examples, int Messages, int? Shots, int Seeds);

    public static Command Create()
    {
        var train = new Option<string>("--train") { Description = "Labelled examples: CSV with the columns text and label (or intent, or category), or JSON as CLINC150 has it (train, oos_train).", Required = true };
        var test = new Option<string>("--test") { Description = "Labelled messages to ask about: CSV, or JSON (test and oos_test, else val and oos_val). The label oos means none of the intents.", Required = true };
        var shots = new Option<int?>("--shots") { Description = "Train on so many examples of each label only, drawn by chance." };
        var seeds = new Option<int?>("--seeds") { Description = "With --shots: repeat with so many draws and give the means (default 3)." };
        var encoder = new Option<string?>("--encoder") { Description = "Folder with another encoder of intents: model.onnx and its vocabulary." };
        var fineTune = new Option<bool>("--fine-tune") { Description = "Tune the encoder on the examples too, as `fineTune: true` in intents.yaml does: a quarter of an hour of two cores for 9,000 short examples." };
        shots.Validators.Add(result => Between(result, result.GetValue(shots), 2, 10_000));
        seeds.Validators.Add(result => Between(result, result.GetValue(seeds), 1, 100));
        var json = CommonOptions.Json();
        var command = new Command("intents", "Measure how well intents are learnt from one labelled file and understood in another.") { train, test, shots, seeds, encoder, fineTune, json };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            LabelledFile.Read(parsed.GetValue(train)!, Part.Train), LabelledFile.Read(parsed.GetValue(test)!, Part.Test),
            (parsed.GetValue(train)!, parsed.GetValue(test)!), parsed.GetValue(shots), parsed.GetValue(seeds), parsed.GetValue(encoder), parsed.GetValue(fineTune), new Shell(parsed.GetValue(json)), cancellationToken));
        return command;
    }

    static void Between(System.CommandLine.Parsing.OptionResult result, int? value, int low, int high)
    {
        if (value < low || value > high)
            result.AddError($"{result.Option.Name} has to be from {low.ToString(CultureInfo.InvariantCulture)} to {high.ToString(CultureInfo.InvariantCulture)}.");
    }

    static async Task<int> RunAsync(
        IReadOnlyList<LabelledFile.Entry> train, IReadOnlyList<LabelledFile.Entry> test, (string Train, string Test) paths, int? shots, int? seeds, string? encoder, bool fineTune, Shell shell, CancellationToken cancellationToken)
    {
        var known = train.Select(entry => entry.Intent).ToHashSet(StringComparer.Ordinal);
        if (test.FirstOrDefault(entry => entry.Intent is not null && !known.Contains(entry.Intent)) is { } stranger)
            throw new CommandException($"{paths.Test}:{stranger.Line}: the intent '{stranger.Intent}' has no example in {paths.Train}.", ExitCode.Usage);
        var draws = shots is null ? 1 : seeds ?? 3;
        var scores = new List<IntentScores>();
        for (var seed = 0; seed < draws; seed++)
            scores.Add(await OneAsync(shots is { } some ? Shots.Sample(train, some, seed) : train, test, draws > 1 ? $"draw {seed + 1} of {draws}: " : "", encoder, fineTune, shell, cancellationToken));
        var report = Mean(scores, known.Count(intent => intent is not null), shots);
        shell.Result(report, console => Write(console, report));
        return ExitCode.Ok;
    }

    static async Task<IntentScores> OneAsync(IReadOnlyList<LabelledFile.Entry> train, IReadOnlyList<LabelledFile.Entry> test, string draw, string? encoder, bool fineTune, Shell shell, CancellationToken cancellationToken)
    {
        await using var workspace = await EvalWorkspace.OpenAsync(cancellationToken, encoder);
        var services = workspace.Services;
        var benchmark = new IntentBenchmark(services.GetRequiredService<IntentTrainer>(), services.GetRequiredService<IntentClassifier>(), services.GetRequiredService<TimeProvider>());
        try
        {
            return await shell.Progress.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn()).StartAsync(progress =>
            {
                var training = new TrainingBar(progress.AddTask($"{draw}training on {train.Count} examples", maxValue: 1));
                var asking = new Bar(new Lazy<ProgressTask>(() => progress.AddTask($"{draw}asking about {test.Count} messages", maxValue: 1)));
                return benchmark.RunAsync(LabelledFile.Messages(train), LabelledFile.Messages(test), fineTune, training, asking, cancellationToken);
            });
        }
        catch (UntrainableException e)
        {
            throw new CommandException(e.Message, ExitCode.Refused);
        }
    }

    static Report Mean(IReadOnlyList<IntentScores> scores, int intents, int? shots)
    {
        var accuracy = scores.Average(score => score.Accuracy);
        var spread = scores.Count > 1 ? Math.Sqrt(scores.Sum(score => Math.Pow(score.Accuracy - accuracy, 2)) / (scores.Count - 1)) : 0;
        return new(Round(accuracy), Round(scores.Average(score => score.MacroF1)), Round(scores.Average(score => score.Ece)),
            scores[0].OosAuroc is null ? null : Round(scores.Average(score => score.OosAuroc!.Value)),
            Math.Round(scores.Average(score => score.TrainSeconds), 2), Math.Round(scores.Average(score => score.P50Ms), 3), Math.Round(scores.Average(score => score.P95Ms), 3),
            Round(spread), intents, scores[0].Examples, scores[0].Messages, shots, scores.Count);

        static double Round(double share) => Math.Round(share, 5);
    }

    static void Write(IAnsiConsole console, Report report)
    {
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"accuracy {report.Accuracy:P2} (±{report.AccuracySd:P2} over {report.Seeds}), macro F1 {report.MacroF1:P2}, calibration error {report.Ece:F4}"));
        if (report.OosAuroc is { } auroc) console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"out of scope: AUROC {auroc:P2}"));
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Examples} examples of {report.Intents} intents trained in {report.TrainSeconds:F1} s; a message takes {report.P50Ms:F2} ms (p95 {report.P95Ms:F2} ms)"));
    }

    /// <summary>Training, with the accuracy so far as soon as there is one.</summary>
    sealed class TrainingBar(ProgressTask task) : IProgress<TrainingProgress>
    {
        readonly string description = task.Description;

        public void Report(TrainingProgress value)
        {
            task.Value = value.Fraction;
            if (value.Accuracy is { } accuracy) task.Description = string.Create(CultureInfo.InvariantCulture, $"{description}, {accuracy:P1} right of those not seen");
        }
    }
}
