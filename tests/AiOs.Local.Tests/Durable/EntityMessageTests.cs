using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Client.Entities;
using Microsoft.DurableTask.Entities;

namespace AiOs.Local.Tests.Durable;

public sealed class EntityMessageTests
{
    static readonly EntityInstanceId tally = new("tally", "one");

    [Theory, EveryKeeping]
    public async Task Signals_of_an_orchestration_arrive_in_order_and_before_its_later_call(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks
            .AddEntity<Tally>("Tally")
            .AddOrchestratorFunc<string>("Signal", async context =>
            {
                foreach (var letter in "abc")
                    await context.Entities.SignalEntityAsync(tally, "Append", letter.ToString());
                return await context.Entities.CallEntityAsync<string>(tally, "Get");
            }));

        Assert.Equal("abc", await engine.RunAsync<string>("Signal"));
    }

    [Fact]
    public async Task A_signal_of_an_orchestration_for_later_waits_for_its_time()
    {
        var clock = new ManualTimeProvider();
        await using var engine = await TestEngine.StartAsync(Keeping.Replaying, tasks => tasks
            .AddEntity<Tally>("Tally")
            .AddOrchestratorFunc<string>("Signal", async context =>
            {
                await context.Entities.SignalEntityAsync(tally, "Append", "late", new SignalEntityOptions { SignalTime = context.CurrentUtcDateTime.AddMinutes(5) });
                await context.Entities.CallEntityAsync(tally, "Append", "early ");
                await context.CreateTimer(TimeSpan.FromMinutes(4), CancellationToken.None);
                var before = await context.Entities.CallEntityAsync<string>(tally, "Get");
                context.SetCustomStatus("between");
                await context.WaitForExternalEvent<object>("read");
                return $"{before}| {await context.Entities.CallEntityAsync<string>(tally, "Get")}";
            }), clock);

        var id = await engine.BeginAsync("Signal");
        await engine.NextTimerAsync(clock.GetUtcNow().AddMinutes(4));
        clock.Advance(TimeSpan.FromMinutes(4));
        await engine.UntilAsync(id, seen => seen.SerializedCustomStatus is not null);
        clock.Advance(TimeSpan.FromMinutes(1));
        using var late = new CancellationTokenSource(TestEngine.Patience);
        while ((await engine.Client.Entities.GetEntityAsync<string>(tally, includeState: true, late.Token))?.State != "early late")
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, late.Token);
        await engine.Client.RaiseEventAsync(id, "read");

        Assert.Equal("early | early late", (await engine.EndOf(id)).ReadOutputAs<string>());
    }

    [Theory]
    [InlineData("continue")]
    [InlineData("fail")]
    [InlineData("complete")]
    public async Task A_lock_that_its_owner_never_gave_back_is_free_after_its_execution(string how)
    {
        await using var engine = await TestEngine.StartAsync(Keeping.OnFile, tasks => tasks
            .AddEntity<Tally>("Tally")
            .AddOrchestratorFunc<int, int>("Hold", async (context, round) =>
            {
                if (round == 1)
                    return round;
                await context.Entities.LockEntitiesAsync(tally);
                await context.Entities.CallEntityAsync(tally, "Append", "held");
                if (how == "continue")
                    context.ContinueAsNew(1);
                return how == "fail" ? throw new TimeoutException("while it held") : 0;
            })
            .AddOrchestratorFunc<string>("Read", context => context.Entities.CallEntityAsync<string>(tally, "Get")));

        var end = await engine.RunAsync("Hold", 0);

        Assert.Equal(how == "fail" ? OrchestrationRuntimeStatus.Failed : OrchestrationRuntimeStatus.Completed, end.RuntimeStatus);
        Assert.Equal("held", await engine.RunAsync<string>("Read"));
        Assert.Null((await engine.Client.Entities.GetEntityAsync(tally))!.LockedBy);
    }

    [Fact]
    public async Task A_listing_of_entities_is_filtered_by_time_and_comes_without_states_when_asked()
    {
        var clock = new ManualTimeProvider();
        await using var engine = await TestEngine.StartAsync(Keeping.OnFile, tasks => tasks
            .AddEntity<Tally>("Tally")
            .AddOrchestratorFunc<string, string>("Append", (context, key) => context.Entities.CallEntityAsync<string>(new EntityInstanceId("tally", key), "Append", key)), clock);
        await engine.RunAsync("Append", "old");
        clock.Advance(TimeSpan.FromDays(1));
        var noon = clock.GetUtcNow();
        await engine.RunAsync("Append", "new");

        var recent = Assert.Single(engine.Client.Entities.GetAllEntitiesAsync(new EntityQuery { LastModifiedFrom = noon }).ToBlockingEnumerable());
        var older = Assert.Single(engine.Client.Entities.GetAllEntitiesAsync(new EntityQuery { LastModifiedTo = noon.AddHours(-1), IncludeState = false }).ToBlockingEnumerable());

        Assert.Equal(("new", "\"new\"", 0), (recent.Id.Key, recent.State!.Value, recent.BacklogQueueSize));
        Assert.Equal(("old", false), (older.Id.Key, older.IncludesState));
    }

    public sealed class Tally : TaskEntity<string>
    {
        public string Append(string text) => State += text;

        public string Get() => State;

        protected override string InitializeState(TaskEntityOperation entityOperation) => "";
    }
}
