using System.CommandLine;
using System.Globalization;
using AiOs.ControlPlane.Apps;
using AiOs.Models;
using AiOs.Observability.Intents;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace AiOs.Local.CommandLine.Intents;

/// <summary><c>intents check APP</c>: examples that look mislabelled, repeated or claimed by two intents. In process, without a server.</summary>
static class IntentsCommand
{
    /// <summary>What was found in one detect step.</summary>
    sealed record Checked(string Step, IntentFindings Findings);

    public static Command Create() => new("intents", "Look after the examples of an app's intents.") { Check() };

    static Command Check()
    {
        var app = new Argument<string>("app") { Description = "A sample app's name, or a folder with app.yaml." };
        var json = CommonOptions.Json();
        var command = new Command("check", "Find examples that look mislabelled, repeated or claimed by two intents. Exit code 1 when there are any.") { app, json };
        command.SetAction((parsed, cancellationToken) => RunAsync(Root.App(parsed.GetValue(app)!), new Shell(parsed.GetValue(json)), cancellationToken));
        return command;
    }

    static async Task<int> RunAsync(string folder, Shell shell, CancellationToken cancellationToken)
    {
        var read = AppReader.Read(AppPackage.FromFolder(folder));
        if (read.Manifest is not { } manifest || read.Problems.Count > 0)
            throw new CommandException(string.Join(Environment.NewLine, read.Problems.Select(p => p.ToString())), ExitCode.Refused);
        var steps = manifest.Steps.Where(step => step.Intents is not null).ToList();
        if (steps.Count == 0) throw new CommandException($"{manifest.Name} has no detect step, so there are no intents to check.", ExitCode.Refused);
        await using var workspace = await EvalWorkspace.OpenAsync(cancellationToken);
        var check = new IntentCheck(workspace.Services.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>(ModelsSetup.Intents));
        var found = new List<Checked>();
        await shell.Progress.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn()).StartAsync(async progress =>
        {
            foreach (var step in steps)
                found.Add(new(step.Id, await check.RunAsync(step.Intents!, new Bar(progress.AddTask($"{step.Intents!.Examples} examples of {step.Id}", maxValue: 1)), cancellationToken)));
        });
        shell.Result(found, console => found.ForEach(step => Write(console, step)));
        return found.TrueForAll(step => step.Findings.IsClean) ? ExitCode.Ok : ExitCode.Failed;
    }

    static void Write(IAnsiConsole console, Checked step)
    {
        var found = step.Findings;
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{step.Step}: {found.Examples} examples, {found.Accuracy:P1} understood by what the others teach"));
        Table(console, found.Mislabelled, ["mislabelled?", "labelled", "rather", "sure"], doubt => [doubt.Text, doubt.Intent, doubt.Suggested, doubt.Confidence.ToString("P0", CultureInfo.InvariantCulture)]);
        Table(console, found.Duplicates, ["said twice", "intents"], repeat => [string.Join(" | ", repeat.Texts), string.Join(", ", repeat.Intents)]);
        Table(console, found.Overlaps, ["overlap", "with", "share", "for instance"], pair => [pair.One, pair.Other, pair.Share.ToString("P0", CultureInfo.InvariantCulture), pair.Sample]);
    }

    static void Table<T>(IAnsiConsole console, IReadOnlyList<T> rows, string[] columns, Func<T, string[]> cells)
    {
        if (rows.Count == 0) return;
        var table = new Table().AddColumns([.. columns.Select(column => new TableColumn(column))]);
        foreach (var row in rows) table.AddRow([.. cells(row).Select(cell => new Text(cell))]);
        console.Write(table);
    }
}
