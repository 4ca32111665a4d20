using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AiOs.ControlPlane.Apps;
using AiOs.ControlPlane.Runs;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Tests;

/// <summary>Deployments that meet each other, or a crash.</summary>
public sealed class DeploymentOrderTests(DeployedApps apps)
{
    [Fact]
    public async Task A_deployment_that_was_recorded_and_not_scheduled_is_swept_and_cannot_be_cancelled()
    {
        var clock = new ManualTimeProvider(new DateTimeOffset(2026, 3, 9, 8, 0, 0, TimeSpan.Zero));
        await using var os = await apps.StartAsync(clock);
        using var zip = new MemoryStream(Version("1.0.1"));
        var packageRef = await os.Services.GetRequiredService<Deployments>().ReceiveAsync("claims-intake", zip, CancellationToken.None);
        var recorded = await os.Services.GetRequiredService<Runs>().OpenDeploymentAsync("claims-intake", "1.0.1", packageRef, "key:test", null, CancellationToken.None);

        using var cancel = await os.Http.PostAsync($"api/runs/{recorded.RunId}/cancel", null);
        await MessagesTests.AssertProblemAsync(cancel, HttpStatusCode.Conflict, null);
        Assert.Contains("deployment", await cancel.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        await ArrivalsTests.UntilAsync(async () =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return (await os.RunAsync(recorded.RunId, _ => true)).Status() == "completed";
        });
        Assert.Equal("1.0.1", await InForceAsync(os));
    }

    [Fact]
    public async Task Of_two_deployments_at_once_the_later_accepted_wins_whichever_ends_first()
    {
        var clock = new ManualTimeProvider(new DateTimeOffset(2026, 3, 9, 8, 0, 0, TimeSpan.Zero));
        await using var os = await apps.StartAsync(clock);
        var services = os.Services;
        var (runs, deployments) = (services.GetRequiredService<Runs>(), services.GetRequiredService<Deployments>());
        using var zip = new MemoryStream(Version("1.0.1"));
        var olderRef = await deployments.ReceiveAsync("claims-intake", zip, CancellationToken.None);
        var older = await runs.OpenDeploymentAsync("claims-intake", "1.0.1", olderRef, "key:test", null, CancellationToken.None);

        // The older one is recorded and begins only when it is swept: the newer one is done long before.
        Assert.Equal("completed", (await os.DeployAsync("claims-intake", Version("1.0.2"))).Status());
        var outcome = default(JsonElement);
        await ArrivalsTests.UntilAsync(async () =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return (outcome = await os.RunAsync(older.RunId, _ => true)).Status() != "running";
        });
        Assert.Equal("failed", outcome.Status());
        Assert.Contains("superseded by version 1.0.2", outcome.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal("1.0.2", await InForceAsync(os));

        // The version that lost is not burnt: deployed again it is the latest.
        Assert.Equal("completed", (await os.DeployAsync("claims-intake", Version("1.0.1"))).Status());
        Assert.Equal("1.0.1", await InForceAsync(os));
    }

    [Fact]
    public async Task A_version_that_is_built_again_does_not_keep_a_deployment_accepted_before_from_getting_in_force()
    {
        var clock = new ManualTimeProvider(new DateTimeOffset(2026, 3, 9, 8, 0, 0, TimeSpan.Zero));
        await using var os = await apps.StartAsync(clock);
        using var zip = new MemoryStream(Version("1.0.1"));
        var packageRef = await os.Services.GetRequiredService<Deployments>().ReceiveAsync("claims-intake", zip, CancellationToken.None);
        var deployment = await os.Services.GetRequiredService<Runs>().OpenDeploymentAsync("claims-intake", "1.0.1", packageRef, "key:test", null, CancellationToken.None);

        // The deployment is under way while what it replaces is built again, and ends after it.
        using var accepted = await os.Http.PostAsync("api/apps/claims-intake/rebuild", null);
        Assert.Equal("completed", (await os.RunAsync((await accepted.Content.ReadFromJsonAsync<JsonElement>()).RunId())).Status());
        Assert.Equal("1.0.0", await InForceAsync(os));
        var outcome = await SweptAsync(os, clock, deployment.RunId);
        Assert.True(outcome.Status() == "completed", outcome.GetRawText());
        Assert.Equal("1.0.1", await InForceAsync(os));
    }

    [Fact]
    public async Task A_version_that_is_built_again_does_not_come_back_in_force_where_another_was_deployed_meanwhile()
    {
        var clock = new ManualTimeProvider(new DateTimeOffset(2026, 3, 9, 8, 0, 0, TimeSpan.Zero));
        await using var os = await apps.StartAsync(clock);
        var runs = os.Services.GetRequiredService<Runs>();
        using var zip = new MemoryStream(Version("1.0.1"));
        var packageRef = await os.Services.GetRequiredService<Deployments>().ReceiveAsync("claims-intake", zip, CancellationToken.None);
        var deployment = await runs.OpenDeploymentAsync("claims-intake", "1.0.1", packageRef, "key:test", null, CancellationToken.None);
        var before = await os.Http.GetFromJsonAsync<JsonElement>("api/apps/claims-intake");
        var again = await runs.OpenDeploymentAsync("claims-intake", "1.0.0", (await runs.PackageAsync("claims-intake", "1.0.0", CancellationToken.None))!, "key:test", null, CancellationToken.None, before.GetProperty("planDigest").GetString());

        Assert.Equal("completed", (await SweptAsync(os, clock, deployment.RunId)).Status());
        await SweptAsync(os, clock, again.RunId);
        Assert.Equal("1.0.1", await InForceAsync(os));
    }

    static async Task<JsonElement> SweptAsync(LocalOs os, ManualTimeProvider clock, string runId)
    {
        var outcome = default(JsonElement);
        await ArrivalsTests.UntilAsync(async () =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return (outcome = await os.RunAsync(runId, _ => true)).Status() != "running";
        });
        return outcome;
    }

    static byte[] Version(string version)
    {
        var files = DeployTests.Files("claims-intake");
        files["app.yaml"] = files["app.yaml"].Replace("version: 1.0.0", "version: " + version, StringComparison.Ordinal);
        return UndoTests.Zip(files);
    }

    static async Task<string> InForceAsync(LocalOs os) => (await os.Http.GetFromJsonAsync<JsonElement>("api/apps/claims-intake")).GetProperty("version").GetString()!;
}
