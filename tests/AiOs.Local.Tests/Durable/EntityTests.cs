using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Client.Entities;
using Microsoft.DurableTask.Entities;

namespace AiOs.Local.Tests.Durable;

public sealed class EntityTests
{
    static readonly EntityInstanceId counter = new("Counter", "one");

    static void Tasks(DurableTaskRegistry tasks) => tasks
        .AddEntity<Counter>("Counter")
        .AddOrchestratorFunc<int, int>("AddMany", async (context, times) =>
        {
            for (var i = 0; i < times; i++)
                await context.Entities.CallEntityAsync(counter, "Add", 1);
            return await context.Entities.CallEntityAsync<int>(counter, "Get");
        })
        .AddOrchestratorFunc<string>("Fail", async context =>
        {
            try
            {
                await context.Entities.CallEntityAsync(counter, "Spoil", 99);
                return "no failure";
            }
            catch (EntityOperationFailedException failed)
            {
                return $"{failed.OperationName}: {failed.FailureDetails.ErrorMessage}, left {await context.Entities.CallEntityAsync<int>(counter, "Get")}";
            }
        })
        .AddOrchestratorFunc<int>("Increment", async context =>
        {
            await using (await context.Entities.LockEntitiesAsync(counter, new EntityInstanceId("Counter", "two")))
            {
                // Read, wait, write: only the lock makes this come out right.
                var seen = await context.Entities.CallEntityAsync<int>(counter, "Get");
                await context.CallActivityAsync("Pause");
                await context.Entities.CallEntityAsync(counter, "Set", seen + 1);
                return seen;
            }
        })
        .AddActivityFunc("Pause", async _ => await Task.Yield());

    [Theory, EveryKeeping]
    public async Task Calls_change_the_state_and_answer_in_order(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, Tasks);

        Assert.Equal(10, await engine.RunAsync<int>("AddMany", 10));
        Assert.Equal(13, await engine.RunAsync<int>("AddMany", 3));
        Assert.Equal(13, (await engine.Client.Entities.GetEntityAsync<int>(counter))!.State);
    }

    [Theory, EveryKeeping]
    public async Task Signals_of_a_client_are_counted_each_once(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, Tasks);

        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => engine.Client.Entities.SignalEntityAsync(counter, "add", 1)));

        Assert.Equal(200, await engine.RunAsync<int>("AddMany", 0));
    }

    [Theory, EveryKeeping]
    public async Task An_operation_that_throws_leaves_no_trace_but_its_failure(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, Tasks);
        await engine.RunAsync<int>("AddMany", 2);

        Assert.Equal("Spoil: spoiled, left 2", await engine.RunAsync<string>("Fail"));
        Assert.Null(await engine.Client.Entities.GetEntityAsync(new EntityInstanceId("Counter", "signalled")));
    }

    [Theory, EveryKeeping]
    public async Task Locks_let_one_critical_section_at_a_time_through(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, Tasks);

        var seen = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => engine.RunAsync<int>("Increment")));

        Assert.Equal(Enumerable.Range(0, 20), seen.Order());
        await UntilAsync(async () => (await engine.Client.Entities.GetEntityAsync(counter))!.LockedBy is null);
    }

    [Fact]
    public async Task A_critical_section_has_rules_and_says_them()
    {
        await using var engine = await TestEngine.StartAsync(Keeping.InMemory, tasks =>
        {
            Tasks(tasks);
            tasks.AddOrchestratorFunc<List<string>>("Rules", async context =>
            {
                var refused = new List<string>();
                await using (await context.Entities.LockEntitiesAsync(counter))
                {
                    Assert.True(context.Entities.InCriticalSection(out var held) && held.Single() == counter);
                    await Refuses(() => context.Entities.CallEntityAsync(new EntityInstanceId("Counter", "other"), "Get"));
                    await Refuses(() => context.Entities.SignalEntityAsync(counter, "Add", 1));
                    await Refuses(() => context.CallSubOrchestratorAsync("AddMany", 1));
                    await Refuses(() => context.Entities.LockEntitiesAsync(counter));
                    var pending = context.Entities.CallEntityAsync<int>(counter, "Get");
                    await Refuses(() => context.Entities.CallEntityAsync<int>(counter, "Get"));
                    await pending;
                }
                Assert.False(context.Entities.InCriticalSection());
                return refused;

                async Task Refuses(Func<Task> call)
                {
                    try
                    {
                        await call();
                    }
                    catch (InvalidOperationException rule)
                    {
                        refused.Add(rule.Message);
                    }
                }
            });
        });

        Assert.Equal(5, (await engine.RunAsync<List<string>>("Rules"))!.Distinct().Count());
    }

    [Fact]
    public async Task A_lock_is_given_back_when_its_owner_is_replaced()
    {
        await using var engine = await TestEngine.StartAsync(Keeping.OnFile, tasks => EntityAnswerTests.Register(tasks, Task.FromResult("")));
        await engine.BeginAsync("Hold", null, new StartOrchestrationOptions("holder"));
        await engine.UntilAsync("holder", seen => seen.SerializedCustomStatus is not null);

        await engine.RunAsync("Work", null, new StartOrchestrationOptions("holder").WithDedupeStatuses());

        Assert.Equal("the entity's", await engine.RunAsync<string>("Ask"));
    }

    [Fact]
    public async Task A_lock_is_given_back_however_its_owner_ends()
    {
        await using var engine = await TestEngine.StartAsync(Keeping.Replaying, tasks =>
        {
            Tasks(tasks);
            tasks.AddOrchestratorFunc("Hold", async context =>
            {
                await context.Entities.LockEntitiesAsync(counter);
                context.SetCustomStatus("held");
                await context.WaitForExternalEvent<object>("never");
            });
        });
        var id = await engine.BeginAsync("Hold");
        await engine.UntilAsync(id, seen => seen.ReadCustomStatusAs<string>() == "held");

        await engine.Client.TerminateInstanceAsync(id);

        Assert.Equal(1, await engine.RunAsync<int>("AddMany", 1));
    }

    [Fact]
    public async Task A_signal_for_later_waits_for_its_time()
    {
        var clock = new ManualTimeProvider();
        await using var engine = await TestEngine.StartAsync(Keeping.OnFile, Tasks, clock);
        await engine.Client.Entities.SignalEntityAsync(counter, "Add", 5, new SignalEntityOptions { SignalTime = clock.GetUtcNow().AddHours(1) });

        Assert.Equal(1, await engine.RunAsync<int>("AddMany", 1));
        clock.Advance(TimeSpan.FromHours(1));
        await UntilAsync(async () => (await engine.Client.Entities.GetEntityAsync<int>(counter))!.State == 6);
    }

    [Fact]
    public async Task An_entity_signals_others_and_starts_orchestrations()
    {
        await using var engine = await TestEngine.StartAsync(Keeping.OnFile, tasks =>
        {
            Tasks(tasks);
            tasks.AddOrchestratorFunc<string, string>("Started", (_, by) => Task.FromResult($"started by {by}"));
        });

        await engine.Client.Entities.SignalEntityAsync(counter, "Send");

        Assert.Equal("started by one", (await engine.EndOf("from-entity")).ReadOutputAs<string>());
        await UntilAsync(async () => (await engine.Client.Entities.GetEntityAsync<int>(new EntityInstanceId("Counter", "two")))?.State == 7);
    }

    [Fact]
    public async Task Entities_are_listed_in_pages_and_empty_ones_cleaned_away()
    {
        await using var engine = await TestEngine.StartAsync(Keeping.OnFile, Tasks);
        for (var i = 0; i < 7; i++)
            await engine.Client.Entities.SignalEntityAsync(new EntityInstanceId("Counter", $"k{i}"), "Set", i);
        await engine.Client.Entities.SignalEntityAsync(new EntityInstanceId("Counter", "k0"), "delete");
        await UntilAsync(async () => (await ListAsync(engine.Client.Entities.GetAllEntitiesAsync<int>())).Select(e => e.State).Order().SequenceEqual(Enumerable.Range(1, 6)));

        var pages = await ListAsync(engine.Client.Entities.GetAllEntitiesAsync(new EntityQuery { InstanceIdStartsWith = "counter@k", PageSize = 4 }).AsPages());
        Assert.Equal([4, 2], pages.Select(page => page.Values.Count));
        Assert.Equal(Enumerable.Range(1, 6), (await ListAsync(engine.Client.Entities.GetAllEntitiesAsync<int>())).Select(e => e.State).Order());
        Assert.Equal(7, (await ListAsync(engine.Client.Entities.GetAllEntitiesAsync(new EntityQuery { IncludeTransient = true }))).Count);
        Assert.Equal(1, (await engine.Client.Entities.CleanEntityStorageAsync()).EmptyEntitiesRemoved);
        Assert.Equal(6, (await ListAsync(engine.Client.Entities.GetAllEntitiesAsync(new EntityQuery { IncludeTransient = true }))).Count);
        Assert.Equal(1, (await engine.Client.PurgeInstanceAsync("@counter@k1")).PurgedInstanceCount);
    }

    [Fact]
    public async Task An_entity_that_does_not_exist_fails_the_call()
    {
        await using var engine = await TestEngine.StartAsync(Keeping.InMemory, tasks => tasks.AddOrchestratorFunc<string>("Call", async context =>
        {
            try
            {
                return await context.Entities.CallEntityAsync<string>(new EntityInstanceId("bogus", "1"), "Get");
            }
            catch (EntityOperationFailedException failed)
            {
                return failed.FailureDetails.ErrorType;
            }
        }));

        Assert.Equal("EntityTaskNotFound", await engine.RunAsync<string>("Call"));
    }

    static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var late = new CancellationTokenSource(TestEngine.Patience);
        while (!await holds())
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, late.Token);
    }

    static async Task<List<T>> ListAsync<T>(IAsyncEnumerable<T> items)
    {
        var list = new List<T>();
        await foreach (var item in items)
            list.Add(item);
        return list;
    }

    sealed class Counter : TaskEntity<int>
    {
        public void Add(int by) => State += by;

        public void Set(int to) => State = to;

        public int Get() => State;

        public void Spoil(int with)
        {
            State = with;
            Context.SignalEntity(new EntityInstanceId("Counter", "signalled"), "Set", with);
            throw new InvalidOperationException("spoiled");
        }

        public void Send()
        {
            Context.SignalEntity(new EntityInstanceId("Counter", "two"), "Set", 7);
            Context.ScheduleNewOrchestration("Started", Context.Id.Key, new StartOrchestrationOptions("from-entity"));
        }
    }
}
