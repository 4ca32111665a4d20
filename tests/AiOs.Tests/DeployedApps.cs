using AiOs.Functions;
using AiOs.Sandbox;
using AiOs.Tests;

[assembly: AssemblyFixture(typeof(DeployedApps))]

namespace AiOs.Tests;

/// <summary>A data directory with the three sample apps deployed, made once; every test starts on a copy of its own.</summary>
public sealed class DeployedApps : IAsyncLifetime
{
    readonly string template = Directory.CreateTempSubdirectory("aios-tests-").FullName;
    readonly List<string> copies = [];

    public async ValueTask InitializeAsync()
    {
        // Schedules are not swept here: what real time has marked as swept would never be due on the clock of a test.
        await using var os = await LocalOs.StartAsync(Path.Combine(template, "deployed"), settings: new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            [$"AzureWebJobs.{nameof(Sweeps.SweepSchedules)}.Disabled"] = "true",
        });
        foreach (var app in new[] { "claims-intake", "it-incident", "customer-support" })
        {
            var outcome = await os.DeployAsync(app);
            Assert.True(outcome.Status() == "completed", outcome.GetRawText());
        }
    }

    /// <summary>Starts the OS on a copy of the deployed directory.</summary>
    public Task<LocalOs> StartAsync(TimeProvider? clock = null, SandboxServer? sandbox = null, IReadOnlyDictionary<string, string?>? settings = null) =>
        LocalOs.StartAsync(Copy(), clock, sandbox, settings);

    /// <summary>A copy of the deployed directory.</summary>
    public string Copy()
    {
        var target = Directory.CreateTempSubdirectory("aios-test-").FullName;
        lock (copies) copies.Add(target);
        foreach (var folder in Directory.GetDirectories(Deployed, "*", SearchOption.AllDirectories)) Directory.CreateDirectory(folder.Replace(Deployed, target, StringComparison.Ordinal));
        foreach (var file in Directory.GetFiles(Deployed, "*", SearchOption.AllDirectories)) File.Copy(file, file.Replace(Deployed, target, StringComparison.Ordinal));
        return target;
    }

    string Deployed => Path.Combine(template, "deployed");

    public ValueTask DisposeAsync()
    {
        foreach (var folder in copies.Append(template))
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
