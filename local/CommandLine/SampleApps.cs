using System.Text.Json;
using AiOs.ControlPlane.Apps;
using Spectre.Console;

namespace AiOs.Local.CommandLine;

/// <summary>Brings the apps in the project's <c>apps</c> folder into a server: those that are not installed, or are there in a newer version, are deployed.</summary>
static class SampleApps
{
    public static async Task InstallAsync(ApiClient api, Shell shell, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(Root.Path, "apps");
        if (!Directory.Exists(folder)) return;
        var installed = (await api.GetAsync("api/apps", cancellationToken)).GetProperty("apps").EnumerateArray().ToDictionary(app => app.GetProperty("name").GetString()!, StringComparer.Ordinal);
        foreach (var app in Directory.GetDirectories(folder).Where(f => File.Exists(Path.Combine(f, "app.yaml"))).Order(StringComparer.Ordinal))
        {
            var package = AppPackage.FromFolder(app);
            if (AppReader.Read(package).Manifest is not { } manifest) shell.Note($"apps/{Path.GetFileName(app)} is not valid and was not deployed; see: aios deploy {app}");
            else if (!installed.TryGetValue(manifest.Name, out var there) || IsNewer(manifest.Version, there.GetProperty("version").GetString()!)) await TryAsync(api, manifest.Name, package, shell, cancellationToken);
            else if (manifest.Version == there.GetProperty("version").GetString() && package.ContentDigest != there.GetProperty("content").GetString())
                shell.Note($"apps/{Path.GetFileName(app)} has changed, but its version is still {manifest.Version}; raise it to deploy the change.");
        }
    }

    /// <summary>One app that cannot be deployed does not keep the others, or the OS, from starting.</summary>
    static async Task TryAsync(ApiClient api, string app, AppPackage package, Shell shell, CancellationToken cancellationToken)
    {
        try
        {
            await DeployAsync(api, app, package, shell, cancellationToken);
        }
        catch (CommandException e)
        {
            shell.Note($"apps/{app} was not deployed: {e.Message}");
        }
    }

    static bool IsNewer(string version, string than) =>
        System.Version.TryParse(version.Split('-', '+')[0], out var mine) && System.Version.TryParse(than.Split('-', '+')[0], out var theirs) && mine > theirs;

    /// <summary>Deploys a package and shows its progress; the run that did it.</summary>
    public static async Task<JsonElement> DeployAsync(ApiClient api, string app, AppPackage package, Shell shell, CancellationToken cancellationToken)
    {
        var accepted = await api.PutZipAsync($"api/apps/{Uri.EscapeDataString(app)}", package.ToZip(), cancellationToken);
        return await FollowAsync(api, app, accepted, shell, cancellationToken);
    }

    /// <summary>Shows the progress of a deployment that was accepted; its run.</summary>
    public static async Task<JsonElement> FollowAsync(ApiClient api, string app, JsonElement accepted, Shell shell, CancellationToken cancellationToken)
    {
        var runId = accepted.GetProperty("runId").GetString()!;
        JsonElement run = default;
        await shell.Progress.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn()).StartAsync(async progress =>
        {
            var bars = new Dictionary<string, ProgressTask>(StringComparer.Ordinal);
            do
            {
                await Task.Delay(TimeSpan.FromMilliseconds(150), TimeProvider.System, cancellationToken);
                run = await api.GetAsync($"api/runs/{runId}", cancellationToken);
                foreach (var step in run.GetProperty("steps").EnumerateArray()) Show(progress, bars, app, step);
            }
            while (run.GetProperty("run").GetProperty("status").GetString() == "running");
        });

        var status = run.GetProperty("run").GetProperty("status").GetString();
        if (status != "completed") throw new CommandException($"Deploying {app} ended {status}: {(run.TryGetProperty("reason", out var reason) ? reason.GetString() : "no reason")}", ExitCode.Failed);
        return run;
    }

    static void Show(ProgressContext progress, Dictionary<string, ProgressTask> bars, string app, JsonElement step)
    {
        var name = step.GetProperty("step").GetString()!;
        if (!bars.TryGetValue(name, out var bar)) bars[name] = bar = progress.AddTask(Markup.Escape($"{app}: {name}"), maxValue: 1);
        bar.Value = step.TryGetProperty("endedAt", out _) ? 1 : step.TryGetProperty("facts", out var facts) && facts.TryGetProperty("progress", out var share) ? share.GetDouble() : 0;
    }
}
