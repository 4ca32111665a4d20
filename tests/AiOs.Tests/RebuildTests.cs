using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AiOs.ControlPlane.Apps;
using AiOs.Governance;
using AiOs.Models;
using AiOs.Models.Sentences;
using AiOs.Sandbox;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Tests;

/// <summary>Apps that were installed before the encoder of intents changed: their heads are refused by name, and they are built again from the files that they were deployed from.</summary>
public sealed class RebuildTests(DeployedApps apps)
{
    /// <summary>Another encoder than that of the deployed apps: the one of knowledge.</summary>
    static readonly Dictionary<string, string?> OtherEncoder = new(StringComparer.Ordinal) { [ModelsSetup.IntentEncoderKey] = SentenceEncoder.DefaultDirectory };

    [Fact]
    public async Task A_start_with_another_encoder_builds_the_apps_again_and_one_that_cannot_be_keeps_what_it_has()
    {
        var data = apps.Copy();
        string gone, before;
        await using (var os = await LocalOs.StartAsync(data, settings: OtherEncoder))
        {
            var refused = await os.SendAsync(Claims.App, Claims.Report(50));
            Assert.Equal("failed", refused.Status());
            Assert.Contains("is refused: it was trained on the encoder", refused.GetProperty("reason").GetString(), StringComparison.Ordinal);
            before = (await AppAsync(os.Http, "it-incident")).GetProperty("planDigest").GetString()!;
            gone = await PackageAsync(os, "it-incident");
        }

        File.Delete(Directory.GetFiles(data, gone["sha256:".Length..] + "*", SearchOption.AllDirectories).Single());
        await using var sandbox = await SandboxServer.StartAsync();
        using var process = await OsProcess.StartAsync(data, sandbox.Url, (ModelsSetup.IntentEncoderKey, SentenceEncoder.DefaultDirectory));

        using var reply = await process.Http.PostAsJsonAsync($"api/apps/{Claims.App}/messages", new { text = Claims.Report(50) });
        var outcome = await reply.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(outcome.Status() == "completed", outcome.GetRawText());
        Assert.Equal("report-damage", outcome.GetProperty("intent").GetProperty("name").GetString());
        Assert.False((await AppAsync(process.Http, Claims.App)).TryGetProperty("refused", out _));
        var kept = await AppAsync(process.Http, "it-incident");
        Assert.Equal(before, kept.GetProperty("planDigest").GetString());
        Assert.Contains("trained on the encoder", kept.GetProperty("refused")[0].GetProperty("reason").GetString(), StringComparison.Ordinal);
        var (exit, said) = await process.InterruptAsync();
        Assert.Equal(0, exit);
        Assert.Contains("claims-intake 1.0.0 is built again from its files: intent: The intent head sha256:", said, StringComparison.Ordinal);
        Assert.Contains("claims-intake 1.0.0 was built again in ", said, StringComparison.Ordinal);
        Assert.Contains("it-incident 1.0.0 could not be built again, and what was in force stays:", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_built_again_says_so_in_its_history_and_the_audit_and_a_conversation_goes_on_with_it()
    {
        await using var os = await LocalOs.StartAsync(apps.Copy(), settings: OtherEncoder);
        var before = await AppAsync(os.Http, Claims.App);
        await os.SendAsync(Claims.App, Claims.Report(50), conversationId: "storm-1");

        using var accepted = await os.Http.PostAsync($"api/apps/{Claims.App}/rebuild", null);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var run = await os.RunAsync((await accepted.Content.ReadFromJsonAsync<JsonElement>()).RunId());
        Assert.True(run.Status() == "completed", run.GetRawText());

        var after = await AppAsync(os.Http, Claims.App);
        Assert.Equal(before.GetProperty("version").GetString(), after.GetProperty("version").GetString());
        Assert.NotEqual(before.GetProperty("planDigest").GetString(), after.GetProperty("planDigest").GetString());
        var activations = after.GetProperty("activations").EnumerateArray().ToList();
        Assert.Equal([after.GetProperty("planDigest").GetString(), before.GetProperty("planDigest").GetString()], activations.Select(a => a.GetProperty("planDigest").GetString()));
        Assert.Equal(run.RunId(), activations[0].GetProperty("runId").GetString());
        Assert.Contains("trained on the encoder", activations[0].GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.False(activations[1].TryGetProperty("reason", out _));
        var entry = (await os.Services.GetRequiredService<AuditLog>().ReadAsync(0, 1000, CancellationToken.None)).Select(record => record.Entry).Last(entry => entry.Type == "app.activated");
        Assert.Equal((run.RunId(), before.GetProperty("planDigest").GetString()), (entry.RunId, entry.Detail!["beforePlan"]));
        Assert.Contains("trained on the encoder", entry.Detail["again"], StringComparison.Ordinal);

        Assert.Equal("completed", (await os.SendAsync(Claims.App, Claims.Report(50), conversationId: "storm-1")).Status());
    }

    [Fact]
    public async Task An_app_that_is_not_there_or_whose_files_are_gone_is_not_built_again()
    {
        var data = apps.Copy();
        await using var os = await LocalOs.StartAsync(data);
        using var unknown = await os.Http.PostAsync("api/apps/nobody/rebuild", null);
        await MessagesTests.AssertProblemAsync(unknown, HttpStatusCode.NotFound, null);

        File.Delete(Directory.GetFiles(data, (await PackageAsync(os, Claims.App))["sha256:".Length..] + "*", SearchOption.AllDirectories).Single());
        using var gone = await os.Http.PostAsync($"api/apps/{Claims.App}/rebuild", null);
        await MessagesTests.AssertProblemAsync(gone, HttpStatusCode.Conflict, null);
        Assert.Equal("completed", (await os.SendAsync(Claims.App, Claims.Report(50))).Status());
    }

    [Fact]
    public async Task An_app_whose_plan_is_lost_says_so_and_is_built_again()
    {
        var data = apps.Copy();
        string lost;
        await using (var os = await LocalOs.StartAsync(data)) lost = (await AppAsync(os.Http, Claims.App)).GetProperty("planDigest").GetString()!;
        File.Delete(Directory.GetFiles(data, lost["sha256:".Length..] + "*", SearchOption.AllDirectories).Single());

        await using var again = await LocalOs.StartAsync(data);
        Assert.Contains("is not stored", (await AppAsync(again.Http, Claims.App)).GetProperty("refused")[0].GetProperty("reason").GetString(), StringComparison.Ordinal);
        using var accepted = await again.Http.PostAsync($"api/apps/{Claims.App}/rebuild", null);
        var run = await again.RunAsync((await accepted.Content.ReadFromJsonAsync<JsonElement>()).RunId());
        Assert.True(run.Status() == "completed", run.GetRawText());
        Assert.False((await AppAsync(again.Http, Claims.App)).TryGetProperty("refused", out _));
        Assert.Equal("completed", (await again.SendAsync(Claims.App, Claims.Report(50))).Status());
    }

    [Theory, InlineData("head"), InlineData("index"), InlineData("plan")]
    public async Task What_is_damaged_of_an_app_is_said_and_mended_by_building_it_again(string part)
    {
        var data = apps.Copy();
        await using (var os = await LocalOs.StartAsync(data)) Damage(data, await PartAsync(os, part));

        await using var again = await LocalOs.StartAsync(data);
        Assert.Contains("is damaged", (await AppAsync(again.Http, Claims.App)).GetProperty("refused")[0].GetProperty("reason").GetString(), StringComparison.Ordinal);
        if (part == "plan")
        {
            using var refused = await again.PostAsync(Claims.App, new { text = Claims.Report(50) });
            await MessagesTests.AssertProblemAsync(refused, HttpStatusCode.ServiceUnavailable, null);
            Assert.Contains("aios rebuild claims-intake", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        else if (part == "head")
        {
            var failed = await again.SendAsync(Claims.App, Claims.Report(50));
            Assert.Equal("failed", failed.Status());
            Assert.Contains("is damaged", failed.GetProperty("reason").GetString(), StringComparison.Ordinal);
        }

        using var accepted = await again.Http.PostAsync($"api/apps/{Claims.App}/rebuild", null);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        var run = await again.RunAsync((await accepted.Content.ReadFromJsonAsync<JsonElement>()).RunId());
        Assert.True(run.Status() == "completed", run.GetRawText());
        Assert.False((await AppAsync(again.Http, Claims.App)).TryGetProperty("refused", out _));
        Assert.Equal("completed", (await again.SendAsync(Claims.App, Claims.Report(50))).Status());
    }

    [Fact]
    public async Task A_damaged_plan_of_one_app_keeps_no_other_from_its_events_and_jobs()
    {
        var data = apps.Copy();
        await using (var os = await LocalOs.StartAsync(data)) Damage(data, (await AppAsync(os.Http, "it-incident")).GetProperty("planDigest").GetString()!);

        await using var again = await LocalOs.StartAsync(data);
        using var accepted = await EventAsync("com.contoso.claim.filed");
        var reply = await accepted.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        Assert.Equal(Claims.App, Assert.Single(reply.GetProperty("runs").EnumerateArray()).GetProperty("app").GetString());
        Assert.Equal(("it-incident", 503), (reply.GetProperty("refused")[0].GetProperty("app").GetString(), reply.GetProperty("refused")[0].GetProperty("status").GetInt32()));
        using var job = await again.Http.PostAsJsonAsync("api/queues/claims", new { id = "J-1", text = Claims.Report(240), attributes = new { claimNumber = "J-1" } });
        Assert.Equal(HttpStatusCode.Accepted, job.StatusCode);
        await ArrivalsTests.UntilAsync(() => Task.FromResult(again.Sandbox.Effects("/payouts").Any(effect => effect.Subject == "J-1")));

        // What another app takes is known; what nobody else takes may be for the app whose plan cannot be read.
        using var unknown = await EventAsync("com.contoso.nobody");
        await MessagesTests.AssertProblemAsync(unknown, HttpStatusCode.ServiceUnavailable, null);
        using var incident = await again.Http.PostAsJsonAsync("api/queues/incidents", new { text = "The shop is down." });
        await MessagesTests.AssertProblemAsync(incident, HttpStatusCode.ServiceUnavailable, null);
        using var rebuilt = await again.Http.PostAsync("api/apps/it-incident/rebuild", null);
        Assert.Equal("completed", (await again.RunAsync((await rebuilt.Content.ReadFromJsonAsync<JsonElement>()).RunId())).Status());
        using var nobody = await EventAsync("com.contoso.nobody");
        await MessagesTests.AssertProblemAsync(nobody, HttpStatusCode.NotFound, null);

        Task<HttpResponseMessage> EventAsync(string type) => again.Http.PostAsync("api/events", new StringContent(
            JsonSerializer.Serialize(new { specversion = "1.0", id = type, source = "/claims", type, data = new { text = Claims.Report(60), claimNumber = "E-1" } }), System.Text.Encoding.UTF8, "application/cloudevents+json"));
    }

    [Fact]
    public async Task Files_that_are_damaged_are_not_built_from_and_are_mended_by_deploying_them()
    {
        var data = apps.Copy();
        await using (var os = await LocalOs.StartAsync(data)) Damage(data, await PackageAsync(os, Claims.App));

        await using var again = await LocalOs.StartAsync(data);
        using var refused = await again.Http.PostAsync($"api/apps/{Claims.App}/rebuild", null);
        await MessagesTests.AssertProblemAsync(refused, HttpStatusCode.Conflict, null);
        Assert.Equal("completed", (await again.DeployAsync(Claims.App)).Status());
        using var accepted = await again.Http.PostAsync($"api/apps/{Claims.App}/rebuild", null);
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
    }

    [Theory, InlineData("head"), InlineData("index"), InlineData("plan")]
    public async Task A_conversation_whose_own_version_cannot_be_run_any_more_goes_on_with_the_one_in_force(string part)
    {
        var data = apps.Copy();
        var files = DeployTests.Files(Claims.App);
        files["app.yaml"] = files["app.yaml"].Replace("version: 1.0.0", "version: 1.1.0", StringComparison.Ordinal);
        files["intents.yaml"] = files["intents.yaml"].Replace("outOfScope:", "outOfScope:\n  - Please sing a song of the sea", StringComparison.Ordinal);
        files["knowledge/water-damage.md"] += "\nDrying takes two weeks.\n";
        await using (var os = await LocalOs.StartAsync(data))
        {
            var older = await PartAsync(os, part);
            Assert.Equal("1.0.0", (await os.SendAsync(Claims.App, Claims.Report(50), conversationId: "storm-1")).GetProperty("version").GetString());
            Assert.Equal("completed", (await os.DeployAsync(Claims.App, UndoTests.Zip(files))).Status());
            Assert.Equal("1.0.0", (await os.SendAsync(Claims.App, Claims.Report(50), conversationId: "storm-1")).GetProperty("version").GetString());
            Damage(data, older);
        }

        await using var again = await LocalOs.StartAsync(data);
        for (var i = 0; i < 2; i++)
        {
            var outcome = await again.SendAsync(Claims.App, Claims.Report(50), conversationId: "storm-1");
            Assert.True(outcome.Status() == "completed", outcome.GetRawText());
            Assert.Equal("1.1.0", outcome.GetProperty("version").GetString());
        }
    }

    /// <summary>The blob behind a part of the plan in force.</summary>
    static async Task<string> PartAsync(LocalOs os, string part)
    {
        var digest = (await AppAsync(os.Http, Claims.App)).GetProperty("planDigest").GetString()!;
        var plan = await os.Services.GetRequiredService<InstalledApps>().PlanAsync(digest, CancellationToken.None);
        return part switch
        {
            "head" => plan.Steps.Single(step => step.Detect is not null).Detect!.HeadRef,
            "index" => plan.Steps.Single(step => step.Retrieve is not null).Retrieve!.IndexRef,
            _ => digest,
        };
    }

    /// <summary>Changes a byte in the middle of a blob; its length stays.</summary>
    static void Damage(string data, string reference)
    {
        var file = Directory.GetFiles(data, reference["sha256:".Length..] + "*", SearchOption.AllDirectories).Single();
        var bytes = File.ReadAllBytes(file);
        bytes[bytes.Length / 2] ^= 0xFF;
        File.WriteAllBytes(file, bytes);
    }

    static async Task<JsonElement> AppAsync(HttpClient http, string app) => await http.GetFromJsonAsync<JsonElement>($"api/apps/{app}");

    static async Task<string> PackageAsync(LocalOs os, string app) => (await os.Services.GetRequiredService<AiOs.ControlPlane.Runs.Runs>().PackageAsync(app, "1.0.0", CancellationToken.None))!;
}
