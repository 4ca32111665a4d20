using System.Text;
using System.Text.Json;
using AiOs.DataPlane;
using AiOs.Functions;
using AiOs.Local.Durable;
using AiOs.Local.Durable.Histories;
using AiOs.Local.Hosting;
using AiOs.Local.Hosting.Durable;
using AiOs.Orchestrations;
using Azure.Core.Serialization;
using Microsoft.DurableTask;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Tests;

/// <summary>The recorded runs of the sample apps in Histories/ against the orchestrators of today. CONTRIBUTING.md says how they are recorded again.</summary>
public sealed class SampleHistoriesTests(DeployedApps apps)
{
    static readonly string folder = Path.Combine(Repository.Root, "tests", "AiOs.Tests", "Histories");

    static HostedReplay Host() => HostedReplay.Create(new EmbeddedHostOptions
    {
        Assemblies = [typeof(FunctionsApp).Assembly, typeof(RunAppOrchestrator).Assembly],
        Configure = (builder, settings) =>
        {
            builder.UseAiOs();
            builder.Services.AddAiOs(settings);
        },
    });

    static RecordedHistory Recorded(string name) => RecordedHistory.Parse(File.ReadAllBytes(Path.Combine(folder, name + ".json")));

    public static TheoryData<string> Names => [.. Directory.GetFiles(folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Names))]
    public async Task What_was_recorded_still_replays(string name)
    {
        await using var host = Host();
        var history = Recorded(name);
        Assert.True(history.Events >= 8, "It is too short to show anything.");
        var divergence = await host.Replayer.ReplayAsync(history);
        Assert.True(divergence is null, divergence?.Message);
    }

    [Fact]
    public async Task What_the_sample_apps_do_today_replays_to_the_letter_and_has_a_recording_of_each_kind()
    {
        var played = await SampleRuns.PlayAsync(apps);
        await using var host = Host();
        foreach (var (name, history) in played)
        {
            var divergence = await host.Replayer.ReplayAsync(RecordedHistory.Parse(history.ToJson()), ReplayStrictness.Payloads);
            Assert.True(divergence is null, $"{name}: {divergence?.Message}");
        }

        if (Environment.GetEnvironmentVariable("AIOS_RECORD") is { Length: > 0 } target)
            foreach (var (name, history) in played)
                await File.WriteAllBytesAsync(Path.Combine(target, name + ".json"), history.ToJson());
        Assert.Equal(played.Keys.Order(StringComparer.Ordinal), Directory.GetFiles(folder, "*.json").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_orchestrator_that_does_one_thing_more_diverges_where_it_does_it()
    {
        var divergence = await ChangedAsync(async context =>
        {
            await context.CallActivityAsync("Greet");
            return await RunAppOrchestrator.RunApp(context);
        });
        Assert.Equal((2, "activity 'LoadPlan', as when it first ran", "activity 'Greet', on replay"), (divergence.Event, divergence.Expected, divergence.Came));
        foreach (var part in new[] { "'RunApp'", "event 2, decision number 0", "give the new code a new version" }) Assert.Contains(part, divergence.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_orchestrator_that_asks_nobody_any_more_diverges_where_it_waited()
    {
        var divergence = await ChangedAsync(async context =>
        {
            await context.CallActivityAsync(nameof(RunActivities.LoadPlan));
            return new RunEnd(AiOs.ControlPlane.Runs.RunStatus.Completed, null);
        });
        Assert.Equal((4, "activity 'BeginRun', as when it first ran", "nothing: it had ended, on replay"), (divergence.Event, divergence.Expected, divergence.Came));
    }

    static async Task<ReplayDivergence> ChangedAsync(Func<TaskOrchestrationContext, Task<RunEnd>> changed)
    {
        var options = new DurableEngineOptions { DataConverter = new SerializerConverter(new JsonObjectSerializer(AiOsJson.Options)) };
        await using var services = new ServiceCollection().BuildServiceProvider();
        var replayer = new HistoryReplayer(new DurableTaskRegistry().AddOrchestratorFunc(nameof(RunAppOrchestrator.RunApp), changed), services, options);
        return (await replayer.ReplayAsync(Recorded("claims-approved")))!;
    }

    [Fact]
    public async Task The_command_line_exports_what_a_stopped_server_left_and_replays_it()
    {
        var to = Path.Combine(apps.Copy(), "exported");
        var exported = await CommandLineTests.RunAsync(["runs", "export", "--app", "claims-intake", "--data", apps.Copy(), "--out", to, "--json"]);
        Assert.True(exported.Code == 0, exported.Error);
        Assert.Equal(Directory.GetFiles(to).Length, JsonSerializer.Deserialize<JsonElement>(exported.Output).GetProperty("histories").GetInt32());

        File.Copy(Path.Combine(folder, "claims-allowed.json"), Path.Combine(to, "same.json"));
        var same = await CommandLineTests.RunAsync(["replay", to, "--strict", "--json"]);
        Assert.True(same.Code == 0, same.Output + same.Error);
        Assert.Equal(0, JsonSerializer.Deserialize<JsonElement>(same.Output).GetProperty("diverged").GetArrayLength());

        // As if the step had had another name when it was recorded.
        await File.WriteAllTextAsync(Path.Combine(to, "other.json"), (await File.ReadAllTextAsync(Path.Combine(to, "same.json"), Encoding.UTF8)).Replace("\"name\": \"Decide\"", "\"name\": \"Judge\"", StringComparison.Ordinal));
        await File.WriteAllTextAsync(Path.Combine(to, "broken.json"), "{}");
        var other = await CommandLineTests.RunAsync(["replay", to, "--json"]);
        Assert.Equal(1, other.Code);
        var report = JsonSerializer.Deserialize<JsonElement>(other.Output);
        var diverged = Assert.Single(report.GetProperty("diverged").EnumerateArray());
        Assert.EndsWith("other.json", diverged.GetProperty("file").GetString(), StringComparison.Ordinal);
        Assert.Equal("RunApp", diverged.GetProperty("orchestrator").GetString());
        Assert.Contains("activity 'Judge'", diverged.GetProperty("expected").GetString(), StringComparison.Ordinal);
        Assert.Contains("activity 'Decide'", diverged.GetProperty("came").GetString(), StringComparison.Ordinal);
        Assert.EndsWith("broken.json", Assert.Single(report.GetProperty("unreadable").EnumerateArray()).GetProperty("file").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_that_finds_nothing_says_what_to_do()
    {
        var empty = Path.Combine(apps.Copy(), "empty");
        Directory.CreateDirectory(empty);
        Assert.Equal((2, true), await SaysAsync("runs export", ["replay", empty]));
        Assert.Equal((2, true), await SaysAsync("Give either a run's id or --app", ["runs", "export", "--data", empty]));
        Assert.Equal((3, true), await SaysAsync("There is no", ["runs", "export", "claims-intake-none", "--data", empty, "--out", empty]));

        static async Task<(int, bool)> SaysAsync(string part, string[] arguments)
        {
            var (code, _, error) = await CommandLineTests.RunAsync(arguments);
            return (code, error.Contains(part, StringComparison.Ordinal));
        }
    }
}
