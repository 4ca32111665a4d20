using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using AiOs.ControlPlane.Apps;
using AiOs.Models;
using AiOs.Models.Sentences;

namespace AiOs.Tests;

/// <summary>What is refused at deploy, and that the version in force stays.</summary>
public sealed class DeployTests(DeployedApps apps)
{
    [Fact]
    public async Task Broken_packages_are_refused_with_file_and_line_and_the_version_in_force_stays()
    {
        await using var os = await apps.StartAsync();
        (string File, string From, string To, string Says)[] cases =
        [
            ("app.yaml", "summary:", "sumary:", "summary"),
            ("app.yaml", "steps.decision.outcome == \"approve\"", "steps.decison.outcome == \"approve\"", "decision"),
            ("app.yaml", "call: payments.payout", "call: payments.payot", "payments.payout"),
            ("policy.yaml", "amount > 50000,", "amount > \"much\",", "an int and a string"),
            ("connectors.yaml", "'${SANDBOX_URL}/payouts'", "'https://elsewhere.example.org/payouts'", "elsewhere.example.org"),
            ("app.yaml", "mask: [email, phone, iban, card]", "mask: [email, phone, iban, card, person]", "person"),
            ("app.yaml", "knowledge: knowledge/", "knowledge: knowledge/, roles: {water.md: operator}", "knowledge/water.md"),
            ("knowledge/water-damage.md", "# Water damage", "---\nroles: [operator\n---\n# Water damage", "knowledge/water-damage.md"),
        ];
        var before = await VersionAsync(os);
        foreach (var (file, from, to, says) in cases)
        {
            var files = Files("claims-intake");
            Assert.Contains(from, files[file], StringComparison.Ordinal);
            files[file] = files[file].Replace(from, to, StringComparison.Ordinal);
            using var response = await os.PutAsync("claims-intake", UndoTests.Zip(files));
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            var problem = await response.Content.ReadFromJsonAsync<JsonElement>();
            Assert.Contains(problem.GetProperty("errors").EnumerateArray(), error => error.GetProperty("field").GetString()!.StartsWith(file + ":", StringComparison.Ordinal)
                && error.GetProperty("message").GetString()!.Contains(says, StringComparison.Ordinal));
        }

        Assert.Equal(before, await VersionAsync(os));
    }

    [Fact]
    public async Task Archives_that_climb_or_bomb_or_are_none_are_refused()
    {
        await using var os = await apps.StartAsync();
        byte[][] archives = [Encoding.UTF8.GetBytes("this is no zip"), UndoTests.Zip(new Dictionary<string, string>(StringComparer.Ordinal) { ["../app.yaml"] = "name: x" }), Bomb()];
        foreach (var archive in archives)
        {
            using var response = await os.PutAsync("climber", archive);
            await MessagesTests.AssertProblemAsync(response, HttpStatusCode.BadRequest, null);
        }

        static byte[] Bomb()
        {
            using var buffer = new MemoryStream();
            using (var zip = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
            {
                using var entry = zip.CreateEntry("app.yaml", CompressionLevel.Optimal).Open();
                var zeros = new byte[1024 * 1024];
                for (var i = 0; i < 100; i++) entry.Write(zeros);
            }

            return buffer.ToArray();
        }
    }

    [Fact]
    public async Task A_new_version_is_switched_to_and_a_run_under_way_stays_on_its_own()
    {
        await using var os = await apps.StartAsync();
        var waiting = await os.SendAsync(Claims.App, Claims.Report(1900));
        var files = Files("claims-intake");
        files["app.yaml"] = files["app.yaml"].Replace("version: 1.0.0", "version: 1.1.0", StringComparison.Ordinal);
        Assert.Equal("completed", (await os.DeployAsync("claims-intake", UndoTests.Zip(files))).Status());
        Assert.Equal("1.1.0", await VersionAsync(os));
        Assert.Equal("1.1.0", (await os.SendAsync(Claims.App, Claims.Report(50))).GetProperty("version").GetString());

        using var answered = await os.Http.PostAsJsonAsync($"api/approvals/{waiting.Approval()}", new { decision = "approve" });
        var outcome = await os.RunAsync(waiting.RunId());
        Assert.Equal("1.0.0", outcome.GetProperty("version").GetString());
        Assert.Equal("completed", outcome.Status());
    }

    [Fact]
    public async Task Training_that_cannot_succeed_is_tried_once_and_says_why()
    {
        // The encoder of knowledge has no lower half.
        await using var os = await apps.StartAsync(settings: new Dictionary<string, string?>(StringComparer.Ordinal) { [ModelsSetup.IntentEncoderKey] = SentenceEncoder.DefaultDirectory });
        var files = Files("customer-support");
        files["app.yaml"] = files["app.yaml"].Replace("version: 1.0.0", "version: 1.1.0", StringComparison.Ordinal);
        files["intents.yaml"] = files["intents.yaml"].Replace("\nintents:", "\nfineTune: true\nintents:", StringComparison.Ordinal);
        var run = await os.DeployAsync("customer-support", UndoTests.Zip(files));
        Assert.Equal("failed", run.Status());
        Assert.Contains("cannot be tuned", run.GetProperty("reason").GetString(), StringComparison.Ordinal);
        var instance = await os.Http.GetFromJsonAsync<JsonElement>($"runtime/webhooks/durabletask/instances/{run.RunId()}?showHistory=true");
        Assert.Single(instance.GetProperty("historyEvents").EnumerateArray(), happened => happened.GetProperty("EventType").GetString() == "TaskFailed");
    }

    static async Task<string> VersionAsync(LocalOs os) => (await os.Http.GetFromJsonAsync<JsonElement>("api/apps/claims-intake")).GetProperty("version").GetString()!;

    internal static Dictionary<string, string> Files(string app)
    {
        var package = AppPackage.FromFolder(Path.Combine(Repository.Root, "apps", app));
        return package.Files.Keys.ToDictionary(path => path, path => package.Text(path)!, StringComparer.Ordinal);
    }
}
