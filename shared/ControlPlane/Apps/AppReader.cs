using AiOs.ControlPlane.Apps.Reading;
using AiOs.DataPlane.Yaml;

namespace AiOs.ControlPlane.Apps;

/// <summary>What reading a package gave: the manifest when nothing is wrong, otherwise every problem, by file and place.</summary>
public sealed record ReadApp(AppManifest? Manifest, IReadOnlyList<ManifestProblem> Problems);

/// <summary>Reads an app whole: app.yaml and every file that it names. Looks at nothing outside the package.</summary>
public static class AppReader
{
    /// <summary>The file that every app has.</summary>
    public const string ManifestFile = "app.yaml";

    /// <summary>Reads and checks everything; all problems at once.</summary>
    public static ReadApp Read(AppPackage package)
    {
        var all = new List<ManifestProblem>();
        var problems = new Problems(ManifestFile, all);
        var files = new AppFiles(package, problems);
        AppManifest? manifest = null;
        if (files.Open(ManifestFile) is not { } file)
            problems.Add(1, 1, "The app has no app.yaml.", "app.yaml at the top of the folder");
        else if (AppFile.Open(file.Root, file.Problems) is { } app)
            manifest = Manifest(app, files);
        return new ReadApp(all.Count == 0 ? manifest : null, [.. all.OrderBy(problem => problem.File == ManifestFile ? "" : problem.File, StringComparer.Ordinal)
            .ThenBy(problem => problem.Line).ThenBy(problem => problem.Column)]);
    }

    static AppManifest Manifest(Section app, AppFiles files)
    {
        var mask = AppFile.Mask(app);
        var (name, version) = (AppFile.Name(app), AppFile.Version(app));
        var (summary, owner) = (app.Text("summary", 300, "What it does, in a sentence."), app.Text("owner", 100, "the-team"));
        var unreadable = new HashSet<string>(StringComparer.Ordinal);
        var connectors = files.Open("connectors.yaml") is { } calls ? ConnectorsFile.Read(calls.Root, unreadable, calls.Problems) : [];
        var drafts = new StepsReader(files, mask).Read(app);
        new StepChecks(app.Problems, drafts, connectors, unreadable).Run();
        List<OperatorNeed> needs = [.. connectors.Values.SelectMany(RequestChecks.Needs), .. drafts.Where(draft => draft.Model is not null).Select(draft => new OperatorNeed(OperatorNeedKind.Model, draft.Model!.Value, ManifestFile, draft.Model.Line, draft.Model.Column))];
        var intents = drafts.SelectMany(draft => draft.Step.Intents?.Intents.Select(intent => intent.Name) ?? []).ToList();
        var evals = files.Open("evals.yaml") is { } labelled ? EvalsFile.Read(labelled.Root, intents, labelled.Problems) : [];
        return new AppManifest
        {
            Name = name ?? "",
            Version = version ?? "",
            Summary = summary ?? "",
            Owner = owner ?? "",
            Mask = mask,
            Triggers = AppFile.Triggers(app),
            Steps = [.. drafts.Select(draft => draft.Step)],
            HandOff = AppFile.HandOff(app, intents),
            Kpis = AppFile.Kpis(app),
            Slo = AppFile.Slo(app),
            Connectors = connectors.ToDictionary(entry => entry.Key, entry => entry.Value.Connector, StringComparer.Ordinal),
            Evals = evals,
            Needs = needs,
        };
    }
}
