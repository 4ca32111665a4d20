using System.Text;
using AiOs.Local.Durable;
using AiOs.Local.Durable.Histories;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Entities;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Local.Tests.Durable;

/// <summary>Recorded histories against the code of today.</summary>
public sealed class HistoryReplayTests
{
    static readonly IServiceProvider nothing = new ServiceCollection().BuildServiceProvider();

    static HistoryReplayer Replayer(Action<DurableTaskRegistry> tasks)
    {
        var registry = new DurableTaskRegistry();
        tasks(registry);
        return new(registry, nothing);
    }

    static DurableTaskRegistry Original(DurableTaskRegistry tasks) => tasks
        .AddOrchestratorFunc<int, string>("Order", async (context, amount) =>
        {
            await context.CallActivityAsync("Reserve", amount);
            using var over = new CancellationTokenSource();
            var (timer, go) = (context.CreateTimer(TimeSpan.FromDays(3), over.Token), context.WaitForExternalEvent<string>("go"));
            if (await Task.WhenAny(timer, go) == go)
#pragma warning disable MA0042
                over.Cancel();
#pragma warning restore MA0042
            var id = new EntityInstanceId("counter", "orders");
            var count = await context.Entities.CallEntityAsync<int>(id, "add", 1);
            await using (await context.Entities.LockEntitiesAsync([id]))
                await context.Entities.CallEntityAsync<int>(id, "add", 1);
            return await context.CallSubOrchestratorAsync<string>("Ship", count);
        })
        .AddOrchestratorFunc<int, string>("Ship", (context, count) => context.CallActivityAsync<string>("Send", count))
        .AddOrchestratorFunc<int>("Rounds", async (context, round) =>
        {
            await context.CallActivityAsync("Reserve", round);
            if (round < 3)
                context.ContinueAsNew(round + 1);
        })
        .AddActivityFunc<int>("Reserve", (_, _) => { })
        .AddActivityFunc<int, string>("Send", (_, count) => $"sent {count}")
        .AddEntity<Count>("counter");

    sealed class Count : TaskEntity<int>
    {
        public int Add(int by) => State += by;
    }

    static async Task<IReadOnlyList<RecordedHistory>> RecordAsync(TemporaryFolder folder)
    {
        await using var engine = await TestEngine.StartAsync(new DurableEngineOptions { Path = folder.File("durable.db") }, tasks => Original(tasks));
        await engine.BeginAsync("Order", 7, new StartOrchestrationOptions("o-1"));
        await engine.Client.RaiseEventAsync("o-1", "GO", "now");
        Assert.Equal("\"sent 1\"", (await engine.EndOf("o-1")).SerializedOutput);
        await engine.RunAsync("Rounds", 0, new StartOrchestrationOptions("r-1"));

        // Read beside the engine that has the file.
        using var file = HistoryFile.Open(folder.File("durable.db"));
        Assert.Equal(3, file.InstanceIds().Count());
        Assert.Equal(["o-1"], file.InstanceIds("o-"));
        return [.. file.Read("o-1"), .. file.Read("r-1"), .. file.Read("no-such")];
    }

    [Fact]
    public async Task Histories_read_from_a_file_in_use_and_kept_as_JSON_replay_without_any_activity()
    {
        using var folder = new TemporaryFolder();
        var recorded = await RecordAsync(folder);
        Assert.Equal(["Order", "Ship", "Rounds"], recorded.Select(history => history.Orchestrator));
        var ran = 0;
        var replayer = Replayer(tasks => Original(tasks).AddActivityFunc("Count", _ => ran++));

        foreach (var history in recorded)
        {
            var again = RecordedHistory.Parse(history.ToJson());
            Assert.Equal(history.ToJson(), again.ToJson());
            Assert.Equal(history.Events, again.Events);
            Assert.Null(await replayer.ReplayAsync(again));
            Assert.Null(await replayer.ReplayAsync(again, ReplayStrictness.Payloads));
        }
        Assert.Equal(0, ran);
    }

    [Fact]
    public async Task A_file_that_nobody_has_open_is_read_too()
    {
        using var folder = new TemporaryFolder();
        await RecordAsync(folder);
        using var file = HistoryFile.Open(folder.File("durable.db"));

        Assert.NotEmpty(file.Read("o-1"));
    }

    [Theory]
    [InlineData("reordered", 2, "activity 'Reserve'", "a timer")]
    [InlineData("renamed", 2, "activity 'Reserve'", "activity 'Hold'")]
    [InlineData("added", 4, "a timer", "activity 'Check'")]
    [InlineData("stops", 4, "a timer", "nothing: it had ended")]
    [InlineData("breaks", 2, "activity 'Reserve'", "nothing: it had failed (not ready)")]
    [InlineData("gone", 1, "orchestrator 'Order'", "No orchestrator task named 'Order' was found.")]
    [InlineData("dated", 1, "code that does the same at every replay", "calls System.DateTime.UtcNow")]
    public async Task Changed_code_is_told_the_first_event_that_differs(string change, int number, string expected, string came)
    {
        using var folder = new TemporaryFolder();
        var history = (await RecordAsync(folder))[0];
        var replayer = Replayer(tasks => _ = change == "gone" ? tasks : tasks.AddOrchestratorFunc<int, string>("Order", Changed(change)));

        var divergence = await replayer.ReplayAsync(history);

        Assert.NotNull(divergence);
        Assert.Contains(expected, divergence.Expected, StringComparison.Ordinal);
        Assert.Contains(came, divergence.Came, StringComparison.Ordinal);
        Assert.Contains("'Order'", divergence.Message, StringComparison.Ordinal);

        // The event may have been raised before or after Reserve was done; the timer stands after both or between them.
        var timer = 1 + history.Turns.SelectMany(turn => turn.Batch.Consumed.Concat(turn.Batch.Decided)).TakeWhile(e => e is not TimerCreated).Count();
        Assert.Equal(number > 2 ? timer : number, divergence.Event);
    }

    static Func<TaskOrchestrationContext, int, Task<string>> Changed(string change) => change switch
    {
        "reordered" => async (context, amount) =>
        {
            await context.CreateTimer(TimeSpan.FromDays(3), CancellationToken.None);
            await context.CallActivityAsync("Reserve", amount);
            return "";
        },
        "renamed" => async (context, amount) => await context.CallActivityAsync<string>("Hold", amount),
        "added" => async (context, amount) =>
        {
            await context.CallActivityAsync("Reserve", amount);
            await context.CallActivityAsync("Check", amount);
            return "";
        },
        "stops" => async (context, amount) =>
        {
            await context.CallActivityAsync("Reserve", amount);
            return "";
        },
        "breaks" => (_, _) => throw new InvalidOperationException("not ready"),
#pragma warning disable RS0030
        _ => (_, _) => Task.FromResult($"{DateTime.UtcNow:O}"),
#pragma warning restore RS0030
    };

    [Fact]
    public async Task Another_end_and_other_payloads_are_differences()
    {
        using var folder = new TemporaryFolder();
        var history = (await RecordAsync(folder)).Single(recorded => recorded.Orchestrator == "Ship");
        var fails = await Replayer(tasks => tasks.AddOrchestratorFunc<int, string>("Ship", async (context, count) =>
        {
            await context.CallActivityAsync<string>("Send", count);
            throw new InvalidOperationException("lost");
        })).ReplayAsync(history);
        Assert.Equal(("that it completed, as when it first ran", "that it failed (lost), on replay"), (fails!.Expected, fails.Came));

        var other = Replayer(tasks => tasks.AddOrchestratorFunc<int, string>("Ship", (context, count) => context.CallActivityAsync<string>("Send", count + 1)));
        Assert.Null(await other.ReplayAsync(history));
        Assert.Contains("activity 'Send' with", (await other.ReplayAsync(history, ReplayStrictness.Payloads))!.Came, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_still_waits_replays_and_code_that_would_have_ended_does_not()
    {
        await using var engine = await TestEngine.StartAsync(new DurableEngineOptions(), tasks => Original(tasks));
        await engine.BeginAsync("Order", 7, new StartOrchestrationOptions("o-1"));
        RecordedHistory history;
        do
            history = (await engine.Engine.ReadHistoryAsync("o-1", TestContext.Current.CancellationToken))!;
        while (history.Events < 4);

        Assert.Null(await Replayer(tasks => Original(tasks)).ReplayAsync(history));
        Assert.NotNull(await Replayer(tasks => tasks.AddOrchestratorFunc<int, string>("Order", (_, _) => Task.FromResult(""))).ReplayAsync(history));
    }

    [Theory]
    [InlineData("", "no recorded history")]
    [InlineData("{}", "format")]
    [InlineData("""{"format": 2}""", "'format' is 2; this program reads 1")]
    [InlineData("""{"format": 1, "orchestrator": "A"}""", "no recorded history")]
    [InlineData("""{"format": 1, "orchestrator": "A", "instanceId": "a", "status": "Running", "created": "2026-01-01T00:00:00Z", "turns": [{"at": "2026-01-01T00:00:00Z", "happened": [{"$type": "timerFired", "taskId": 1}], "decided": []}]}""", "executionStarted")]
    [InlineData("""{"format": 1, "orchestrator": "A", "instanceId": "a", "status": "Running", "created": "2026-01-01T00:00:00Z", "turns": [{"at": "2026-01-01T00:00:00Z", "happened": [{"$type": "timerCreated", "taskId": 1}], "decided": []}]}""", "Turn 1 mixes")]
    [InlineData("""{"format": 1, "orchestrator": "A", "instanceId": "a", "status": "Running", "created": "2026-01-01T00:00:00Z", "turns": [{"at": "2026-01-01T00:00:00Z", "happened": [null], "decided": []}]}""", "Turn 1")]
    [InlineData("""{"format": 1, "orchestrator": "A", "instanceId": "a", "status": "Running", "created": "2026-01-01T00:00:00Z", "turns": [{"at": "2026-01-01T00:00:00Z", "happened": [{"$type": "somethingElse"}], "decided": []}]}""", "no recorded history")]
    public void A_file_that_is_no_history_is_refused_with_what_is_wrong(string content, string reason) =>
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => RecordedHistory.Parse(Encoding.UTF8.GetBytes(content))).Message, StringComparison.Ordinal);
}
