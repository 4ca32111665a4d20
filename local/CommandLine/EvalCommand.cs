using System.CommandLine;
using System.Globalization;
using AiOs.ControlPlane.Apps;
using AiOs.Local.CommandLine.Intents;
using AiOs.Observability;
using AiOs.Observability.Intents;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace AiOs.Local.CommandLine;

/// <summary><c>eval APP</c>: trains the app's intents here and now and runs its labelled messages through understanding and policy. In process, without a server, without acting.</summary>
static class EvalCommand
{
    const double Good = 0.90;

    public static Command Create()
    {
        var app = new Argument<string>("app") { Description = "A sample app's name, or a folder with app.yaml." };
        var ask = new Option<bool>("--ask-models") { Description = "Ask the chat models that read or translate other languages (AIOS_MODELS...), as a run would; that may cost. Else such messages count as they would without a model." };
        var json = CommonOptions.Json();
        var command = new Command("eval", "Measure an app on its labelled messages (evals.yaml). Exit code 1 below 90 % right.") { app, ask, json, EvalIntentsCommand.Create(), EvalRetrievalCommand.Create() };
        command.SetAction((parsed, cancellationToken) => RunAsync(Root.App(parsed.GetValue(app)!), parsed.GetValue(ask) ? ModelUse.Configured : ModelUse.None, new Shell(parsed.GetValue(json)), cancellationToken));
        return command;
    }

    static async Task<int> RunAsync(string folder, ModelUse models, Shell shell, CancellationToken cancellationToken)
    {
        var package = AppPackage.FromFolder(folder);
        var read = AppReader.Read(package);
        if (read.Manifest is not { } manifest || read.Problems.Count > 0)
            throw new CommandException(string.Join(Environment.NewLine, read.Problems.Select(p => p.ToString())), ExitCode.Refused);
        if (manifest.Evals.Count == 0) throw new CommandException("The app has no evals.yaml; add labelled messages: - {text: ..., intent: ..., decision: ...}", ExitCode.Refused);
        if (AppEvaluation.Repeats(manifest) is { Count: > 0 } repeats)
            throw new CommandException("These labelled messages nearly repeat a training example (4-gram Jaccard above 0.6); write new ones:" + Environment.NewLine
                + string.Join(Environment.NewLine, repeats.Select(r => $"  \"{r.Message}\" ~ \"{r.Example}\"")), ExitCode.Refused);
        var report = await EvaluateAsync(package, manifest, models, shell, cancellationToken);
        shell.Result(report, console => Write(console, report));
        return report.Accuracy >= Good ? ExitCode.Ok : ExitCode.Failed;
    }

    static async Task<EvalReport> EvaluateAsync(AppPackage package, AppManifest manifest, ModelUse models, Shell shell, CancellationToken cancellationToken)
    {
        await using var workspace = await EvalWorkspace.OpenAsync(cancellationToken, models: models);
        var services = workspace.Services;
        var deployments = services.GetRequiredService<Deployments>();
        EvalReport? report = null;
        await shell.Progress.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn()).StartAsync(async progress =>
        {
            var training = progress.AddTask("training", maxValue: 1);
            using var zip = new MemoryStream(package.ToZip());
            var packageRef = await deployments.ReceiveAsync(manifest.Name, zip, cancellationToken);
            var artifacts = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var step in manifest.Steps)
            {
                if (step.Kind == StepKind.Detect) artifacts[step.Id] = await deployments.TrainAsync(packageRef, step.Id, new Bar(training), cancellationToken);
                if (step.Kind == StepKind.Retrieve) artifacts[step.Id] = await deployments.IndexAsync(packageRef, step.Id, null, cancellationToken);
            }

            training.Value = 1;
            var digest = await deployments.PlanAsync(packageRef, artifacts, cancellationToken);
            var plan = await services.GetRequiredService<InstalledApps>().PlanAsync(digest, cancellationToken);
            var measuring = progress.AddTask($"{manifest.Evals.Count} messages", maxValue: 1);
            report = await services.GetRequiredService<AppEvaluation>().RunAsync(plan, digest, manifest.Evals, models, new Bar(measuring), cancellationToken);
            report = await services.GetRequiredService<NearestExamples>().ExplainAsync(report, manifest, cancellationToken);
        });
        return report!;
    }

    static void Write(IAnsiConsole console, EvalReport report)
    {
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.App}: {report.Accuracy:P1} of {report.Messages} messages right (intent {report.IntentAccuracy:P1}, decision {report.DecisionAccuracy:P1})"));
        if (report.OtherLanguages is { } other)
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"in other languages: intent {other.IntentAccuracy:P1} of {other.Messages} right, {(other.Ece is { } ece ? $"calibration error {ece:0.000}" : "none taken for an intent")}"));
        if (report.Models is { } models)
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"models: {models.Calls} calls, {models.InputTokens} + {models.OutputTokens} tokens{(models.Cost is { } cost ? $", cost {cost:0.####}" : "")}"));
        if (report.Misses.Count == 0) return;
        var confusion = new Table().AddColumn("intent").AddColumn("messages").AddColumn("recall").AddColumn("precision").AddColumn("taken for");
        foreach (var row in report.Confusion.Where(row => row.Recall < 1 || row.Precision < 1))
            confusion.AddRow(new Text(row.Intent), new Text(row.Messages.ToString(CultureInfo.InvariantCulture)), new Text(row.Recall.ToString("P0", CultureInfo.InvariantCulture)),
                new Text(row.Precision?.ToString("P0", CultureInfo.InvariantCulture) ?? "-"), new Text(string.Join(", ", row.TakenFor.Select(other => string.Create(CultureInfo.InvariantCulture, $"{other.Key} {other.Value}x")))));
        console.Write(confusion);
        var table = new Table().AddColumn("missed").AddColumn("expected").AddColumn("got").AddColumn("most like the example");
        foreach (var miss in report.Misses)
            table.AddRow(new Text(miss.Text), new Text($"{miss.ExpectedIntent}, {miss.ExpectedDecision ?? "-"}"), new Text(string.Create(CultureInfo.InvariantCulture, $"{miss.Intent} ({miss.Confidence:P0}), {miss.Decision ?? "-"} ({miss.Rule ?? "-"})")), new Text(miss.Nearest ?? "-"));
        console.Write(table);
    }
}
