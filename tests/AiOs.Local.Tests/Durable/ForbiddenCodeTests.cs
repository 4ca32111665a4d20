using System.Diagnostics;
using System.Linq.Expressions;
using System.Security.Cryptography;
using AiOs.Local.Durable;
using AiOs.Local.Durable.Determinism;
using AiOs.Local.Durable.Orchestrations;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.Tests.Durable;

/// <summary>Orchestrators whose code cannot do the same again are refused before they run.</summary>
public sealed class ForbiddenCodeTests
{
#pragma warning disable RS0030 // What follows does what orchestrators must not do.
    static readonly Dictionary<string, Func<TaskOrchestrationContext, Task<string?>>> offenders = new(StringComparer.Ordinal)
    {
        ["Delays"] = async _ => { await Task.Delay(TimeSpan.FromDays(1)); return null; },
        ["Fetches"] = async _ => { using var http = new HttpClient(); return await http.GetStringAsync(new Uri("http://127.0.0.1:1/")); },
        ["Runs"] = async _ => await Task.Run(() => "elsewhere"),
        ["ReadsTheClock"] = _ => Task.FromResult<string?>($"{DateTime.UtcNow:O}"),
        ["ReadsTheLocalClock"] = _ => Task.FromResult<string?>($"{DateTimeOffset.Now:O}"),
        ["Stops"] = _ => Task.FromResult<string?>($"{Stopwatch.GetTimestamp()}"),
        ["AsksTheProvider"] = _ => Task.FromResult<string?>($"{TimeProvider.System.GetUtcNow():O}"),
        ["Draws"] = _ => Task.FromResult<string?>($"{new Random(7).Next()}"),
        ["DrawsShared"] = _ => Task.FromResult<string?>($"{Random.Shared.Next()}"),
        ["DrawsSecrets"] = _ => Task.FromResult<string?>($"{RandomNumberGenerator.GetInt32(9)}"),
        ["MakesIds"] = _ => Task.FromResult<string?>($"{Guid.NewGuid()}"),
        ["Sleeps"] = _ => { Thread.Sleep(0); return Task.FromResult<string?>(null); },
        ["ReadsSettings"] = _ => Task.FromResult(Environment.GetEnvironmentVariable("HOME")),
        ["ReadsFiles"] = _ => Task.FromResult<string?>($"{File.Exists("a")}"),
        ["TimesOut"] = async context => { using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1)); return await context.WaitForExternalEvent<string>("go", soon.Token); },
        ["CallsOneThatDoes"] = async context => { await Task.Yield(); return $"{new Stamp(context).Text}"; },
        ["ListsThem"] = _ => Task.FromResult<string?>(string.Concat(Ids())),
    };

    static IEnumerable<Guid> Ids()
    {
        yield return Guid.NewGuid();
    }

    sealed class Stamp(TaskOrchestrationContext context)
    {
        public string Text => string.Join(',', new[] { 1 }.Select(_ => $"{context.InstanceId} {DateTime.Today:O}"));
    }
#pragma warning restore RS0030

    [Theory]
    [InlineData("Delays", "System.Threading.Tasks.Task.Delay", "context.CreateTimer")]
    [InlineData("Fetches", "new System.Net.Http.HttpClient", "an activity, or context.CallHttpAsync")]
    [InlineData("Runs", "System.Threading.Tasks.Task.Run", "an activity")]
    [InlineData("ReadsTheClock", "System.DateTime.UtcNow", "context.CurrentUtcDateTime")]
    [InlineData("ReadsTheLocalClock", "System.DateTimeOffset.Now", "context.CurrentUtcDateTime")]
    [InlineData("Stops", "System.Diagnostics.Stopwatch.GetTimestamp", "context.CurrentUtcDateTime")]
    [InlineData("AsksTheProvider", "System.TimeProvider.System", "context.CurrentUtcDateTime")]
    [InlineData("Draws", "new System.Random", "an activity that draws it")]
    [InlineData("DrawsShared", "System.Random.Shared", "an activity that draws it")]
    [InlineData("DrawsSecrets", "System.Security.Cryptography.RandomNumberGenerator.GetInt32", "an activity that draws it")]
    [InlineData("MakesIds", "System.Guid.NewGuid", "context.NewGuid()")]
    [InlineData("Sleeps", "System.Threading.Thread.Sleep", "context.CreateTimer")]
    [InlineData("ReadsSettings", "System.Environment.GetEnvironmentVariable", "an activity, or the orchestration's input")]
    [InlineData("ReadsFiles", "System.IO.File.Exists", "an activity")]
    [InlineData("TimesOut", "new System.Threading.CancellationTokenSource", "context.CreateTimer")]
    [InlineData("CallsOneThatDoes", "System.DateTime.Today", "context.CurrentUtcDateTime")]
    [InlineData("ListsThem", "System.Guid.NewGuid", "context.NewGuid()")]
    public async Task It_fails_at_its_start_and_is_told_the_call_and_what_to_use_instead(string orchestrator, string call, string instead)
    {
        await using var engine = await TestEngine.StartAsync(Keeping.InMemory, tasks => tasks.AddOrchestratorFunc(orchestrator, offenders[orchestrator]));
        var failure = (await engine.RunAsync(orchestrator)).FailureDetails!;

        Assert.Equal(typeof(NonDeterministicOrchestrationException).FullName, failure.ErrorType);
        foreach (var part in new[] { $"Orchestrator '{orchestrator}'", "event 1, the start", "Expected: code that does the same at every replay", "Came: AiOs.Local.Tests.Durable.ForbiddenCodeTests", $"calls {call}.", $"Use {instead}" })
            Assert.Contains(part, failure.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_class_is_read_as_a_function_is()
    {
        await using var engine = await TestEngine.StartAsync(Keeping.InMemory, tasks => tasks.AddOrchestrator<Dated>());

        Assert.Contains($"{nameof(Dated)}.RunAsync calls System.DateTime.UtcNow", (await engine.RunAsync(nameof(Dated))).FailureDetails!.ErrorMessage, StringComparison.Ordinal);
    }

    [DurableTask(nameof(Dated))]
    sealed class Dated : TaskOrchestrator<object?, string>
    {
#pragma warning disable RS0030
        public override Task<string> RunAsync(TaskOrchestrationContext context, object? input) => Task.FromResult($"{DateTime.UtcNow:O}");
#pragma warning restore RS0030
    }

    [Fact]
    public async Task An_orchestrator_that_was_compiled_at_run_time_runs()
    {
        var code = Expression.Lambda<Func<TaskOrchestrationContext, Task<int>>>(
            Expression.Constant(Task.FromResult(3)), Expression.Parameter(typeof(TaskOrchestrationContext))).Compile();
        await using var engine = await TestEngine.StartAsync(Keeping.InMemory, tasks => tasks.AddOrchestratorFunc("Compiled", code));

        Assert.Equal(3, await engine.RunAsync<int>("Compiled"));
    }

    [Fact]
    public async Task Switched_off_the_code_runs_as_it_is()
    {
        await using var engine = await TestEngine.StartAsync(new DurableEngineOptions { Determinism = DeterminismChecks.Off }, tasks => tasks.AddOrchestratorFunc("MakesIds", offenders["MakesIds"]));

        Assert.Equal(OrchestrationRuntimeStatus.Completed, (await engine.RunAsync("MakesIds")).RuntimeStatus);
    }

    [Fact]
    public async Task What_is_under_way_is_not_refused_when_the_check_comes()
    {
        using var folder = new TemporaryFolder();
        var options = new DurableEngineOptions { Path = folder.File("durable.db"), Determinism = DeterminismChecks.Off };
        Action<DurableTaskRegistry> tasks = registry => registry.AddOrchestratorFunc<string>("Stamped", async context =>
        {
            await context.WaitForExternalEvent<object>("go");
#pragma warning disable RS0030
            return $"{DateTime.UtcNow:O}";
#pragma warning restore RS0030
        });
        await using (var before = await TestEngine.StartAsync(options, tasks))
            await before.BeginAsync("Stamped", options: new StartOrchestrationOptions("s-1"));

        await using var after = await TestEngine.StartAsync(options with { Determinism = DeterminismChecks.Code }, tasks);
        await after.Client.RaiseEventAsync("s-1", "go");

        Assert.Equal(OrchestrationRuntimeStatus.Completed, (await after.EndOf("s-1")).RuntimeStatus);
    }
}
