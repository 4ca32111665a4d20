using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using AiOs.Local.Durable;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AiOs.Local.Tests.Durable;

public sealed class OrchestrationTests
{
    [Theory, EveryKeeping]
    public async Task An_empty_orchestration_completes_with_its_id(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks.AddOrchestratorFunc("Empty", _ => Task.FromResult<object?>(null)));

        var end = await engine.RunAsync("Empty", options: new StartOrchestrationOptions("the-id"));

        Assert.Equal(("the-id", "Empty", OrchestrationRuntimeStatus.Completed), (end.InstanceId, end.Name, end.RuntimeStatus));
        Assert.Null(end.SerializedOutput);
    }

    [Theory, EveryKeeping]
    public async Task Activities_run_one_after_the_other_with_what_the_one_before_gave(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks
            .AddOrchestratorFunc<int, int>("Sum", async (context, start) =>
            {
                var sum = start;
                for (var i = 1; i <= 5; i++)
                    sum = await context.CallActivityAsync<int>("Add", (sum, i));
                return sum;
            })
            .AddActivityFunc<(int A, int B), int>("Add", (_, pair) => pair.A + pair.B));

        Assert.Equal(115, await engine.RunAsync<int>("Sum", 100));
    }

    [Theory, EveryKeeping]
    public async Task A_fan_out_gathers_every_result_in_order(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks
            .AddOrchestratorFunc<int, int[]>("Fan", (context, count) =>
                Task.WhenAll(Enumerable.Range(0, count).Select(i => context.CallActivityAsync<int>("Square", i))))
            .AddActivityFunc<int, int>("Square", (_, i) => i * i));

        Assert.Equal(Enumerable.Range(0, 200).Select(i => i * i), await engine.RunAsync<int[]>("Fan", 200));
    }

    [Theory, EveryKeeping]
    public async Task Ids_are_unique_and_the_same_at_every_replay(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks
            .AddOrchestratorFunc<bool>("Ids", async context =>
            {
                var (first, second) = (context.NewGuid(), context.NewGuid());
                var echoed = await context.CallActivityAsync<Guid>("Echo", second);
                var third = context.NewGuid();
                return second == echoed && third == await context.CallActivityAsync<Guid>("Echo", third) && new[] { first, second, third }.Distinct().Count() == 3;
            })
            .AddActivityFunc<Guid, Guid>("Echo", (_, id) => id));

        Assert.True(await engine.RunAsync<bool>("Ids"));
    }

    [Fact]
    public void An_id_is_the_version_5_uuid_of_instance_time_and_count()
    {
        var now = new DateTime(2026, 3, 2, 9, 0, 0, DateTimeKind.Utc);

        var id = Local.Durable.Orchestrations.DeterministicGuid.New("order-7", now, 3);

        // uuid5 of "order-7_2026-03-02T09:00:00.0000000Z_3" in the namespace of Durable Functions, by Python's uuid module.
        Assert.Equal(Guid.Parse("4643382b-8f05-58d5-8e9c-196cc466b26c"), id);
    }

    [Theory, EveryKeeping]
    public async Task The_clock_stands_still_within_a_step_and_is_the_same_at_every_replay(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks
            .AddOrchestratorFunc<bool>("Clock", async context =>
            {
                var first = context.CurrentUtcDateTime;
                if (first != await context.CallActivityAsync<DateTime>("Echo", first))
                    return false;
                var second = context.CurrentUtcDateTime;
                return second == await context.CallActivityAsync<DateTime>("Echo", second) && first.Kind == DateTimeKind.Utc && second > first;
            })
            .AddActivityFunc<DateTime, DateTime>("Echo", (_, time) => time));

        Assert.True(await engine.RunAsync<bool>("Clock"));
    }

    [Fact]
    public async Task What_ran_before_is_replaying_and_what_is_new_is_not()
    {
        await using var engine = await TestEngine.StartAsync(Keeping.Replaying, tasks => tasks.AddOrchestratorFunc("Replay", async context =>
        {
            var seen = new List<bool> { context.IsReplaying };
            await context.CreateTimer(TimeSpan.Zero, CancellationToken.None);
            seen.Add(context.IsReplaying);
            await context.CreateTimer(TimeSpan.Zero, CancellationToken.None);
            seen.Add(context.IsReplaying);
            return seen;
        }));

        Assert.Equal([true, true, false], await engine.RunAsync<List<bool>>("Replay"));
    }

    [Theory, EveryKeeping]
    public async Task A_replay_safe_logger_writes_each_line_once(Keeping keeping)
    {
        using var lines = new Lines();
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks
            .AddOrchestratorFunc("Log", async context =>
            {
                var log = context.CreateReplaySafeLogger("ours");
                for (var i = 0; i < 3; i++)
                {
                    log.LogInformation("line {Number}", i);
                    await context.CallActivityAsync("Nothing");
                }
            })
            .AddActivityFunc("Nothing", _ => { }), loggers: lines);

        await engine.RunAsync("Log");

        Assert.Equal(["line 0", "line 1", "line 2"], lines.Of("ours"));
    }

    [Theory, EveryKeeping]
    public async Task A_custom_status_is_read_as_it_was_set(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks.AddOrchestratorFunc("Status", async context =>
        {
            context.SetCustomStatus("Started!");
            context.SetCustomStatus(await context.WaitForExternalEvent<object>("status"));
        }));

        var id = await engine.Client.ScheduleNewOrchestrationInstanceAsync("Status");
        Assert.Equal("Started!", (await engine.StartOf(id)).ReadCustomStatusAs<string>());
        await engine.Client.RaiseEventAsync(id, "status", ("Hello", 42));
        Assert.Equal(("Hello", 42), (await engine.EndOf(id)).ReadCustomStatusAs<(string, int)>());
    }

    [Theory, EveryKeeping]
    public async Task Text_of_every_kind_and_ten_megabytes_pass_unharmed(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks
            .AddOrchestratorFunc<string?, string?>("Pass", (context, text) => context.CallActivityAsync<string?>("Pass", text)!)
            .AddActivityFunc<string?, string?>("Pass", (_, text) => text));

        string?[] texts = [null, "", "\0 \u2028 \"quoted\" \\ </script>", "Grüße, 世界, 🦉", new string('x', 9_900_000)];
        foreach (var text in texts)
            Assert.Equal(text, await engine.RunAsync<string>("Pass", text));
    }

    [Fact]
    public async Task A_payload_beyond_the_limit_is_refused_where_it_is_given()
    {
        await using var engine = await TestEngine.StartAsync(new DurableEngineOptions { MaxPayloadBytes = 1000, MaxCustomStatusBytes = 100 }, tasks => tasks
            .AddOrchestratorFunc<int, string>("Result", (context, size) => context.CallActivityAsync<string>("Make", size))
            .AddOrchestratorFunc("Status", context => context.SetCustomStatus(new string('x', 100)))
            .AddActivityFunc<int, string>("Make", (_, size) => new string('x', size)));

        await Assert.ThrowsAsync<ArgumentException>(() => engine.Client.ScheduleNewOrchestrationInstanceAsync("Result", new string('x', 1001)));
        Assert.Equal(OrchestrationRuntimeStatus.Completed, (await engine.RunAsync("Result", 900)).RuntimeStatus);
        Assert.Contains("may have 1,000", (await engine.RunAsync("Result", 1001)).FailureDetails!.ErrorMessage, StringComparison.Ordinal);
        Assert.Contains("custom status", (await engine.RunAsync("Status")).FailureDetails!.ErrorMessage, StringComparison.Ordinal);
    }

    [Theory, EveryKeeping]
    public async Task Json_nodes_pass_through_both_sides(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks
            .AddOrchestratorFunc<JsonNode, JsonNode>("Node", (context, node) => context.CallActivityAsync<JsonNode>("Mark", node))
            .AddActivityFunc<JsonNode, JsonNode?>("Mark", (_, node) =>
            {
                node["marked"] = true;
                return Task.FromResult<JsonNode?>(node);
            }));

        var marked = await engine.RunAsync<JsonNode>("Node", new JsonObject { ["kept"] = "yes" });

        Assert.Equal("""{"kept":"yes","marked":true}""", marked!.ToJsonString());
    }

    [Fact]
    public async Task Each_activity_has_its_own_scope_which_ends_with_it()
    {
        var scopes = new ConcurrentBag<Scoped>();
        await using var engine = await TestEngine.StartAsync(
            new DurableEngineOptions(),
            tasks => tasks
                .AddOrchestratorFunc("Two", async context =>
                {
                    await context.CallActivityAsync("Scoped");
                    await context.CallActivityAsync("Scoped");
                })
                .AddActivity("Scoped", services =>
                {
                    scopes.Add(services.GetRequiredService<Scoped>());
                    return new Nothing();
                }),
            configure: services => services.AddScoped<Scoped>());

        await engine.RunAsync("Two");

        Assert.Equal(2, scopes.Distinct().Count());
        Assert.All(scopes, scope => Assert.True(scope.Disposed));
    }

    [Fact]
    public async Task An_orchestrator_that_blocks_its_thread_does_not_hold_up_the_others()
    {
        using var release = new ManualResetEventSlim();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var engine = await TestEngine.StartAsync(new DurableEngineOptions { MaxConcurrentOrchestrations = 4 }, tasks => tasks
            .AddOrchestratorFunc("Slow", _ =>
            {
                begun.SetResult();
                Assert.True(release.Wait(TestEngine.Patience));
            })
            .AddOrchestratorFunc<int>("Quick", async context => await context.CallActivityAsync<int>("One"))
            .AddActivityFunc("One", _ => 1));

        // A first turn is taken on the thread that starts the instance.
        var slow = Task.Run(() => engine.Client.ScheduleNewOrchestrationInstanceAsync("Slow"));
        await begun.Task.WaitAsync(TestEngine.Patience);
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => engine.RunAsync<int>("Quick"))), result => Assert.Equal(1, result));
        release.Set();
        Assert.Equal(OrchestrationRuntimeStatus.Completed, (await engine.EndOf(await slow)).RuntimeStatus);
    }

    [Fact]
    public async Task No_more_activities_run_at_once_than_allowed()
    {
        var (now, most) = (0, 0);
        await using var engine = await TestEngine.StartAsync(new DurableEngineOptions { MaxConcurrentActivities = 3 }, tasks => tasks
            .AddOrchestratorFunc("Fan", context => Task.WhenAll(Enumerable.Range(0, 40).Select(_ => context.CallActivityAsync("Busy"))))
            .AddActivityFunc("Busy", async _ =>
            {
                var running = Interlocked.Increment(ref now);
                InterlockedMax(ref most, running);
                await Task.Yield();
                Interlocked.Decrement(ref now);
            }));

        await engine.RunAsync("Fan");

        Assert.InRange(most, 1, 3);
    }

    [Theory, EveryKeeping]
    public async Task An_orchestration_stays_open_until_its_last_task_is_done(Keeping keeping)
    {
        var clock = new ManualTimeProvider();
        await using var engine = await TestEngine.StartAsync(keeping, tasks => tasks.AddOrchestratorFunc<string>("Leaves", context =>
        {
            _ = context.CreateTimer(TimeSpan.FromHours(1), CancellationToken.None);
            return Task.FromResult("left");
        }), clock);

        var id = await engine.BeginAsync("Leaves");
        Assert.Equal(OrchestrationRuntimeStatus.Running, (await engine.Client.GetInstanceAsync(id))!.RuntimeStatus);
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal("left", (await engine.EndOf(id)).ReadOutputAs<string>());
    }

    static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); seen < value; seen = Volatile.Read(ref target))
            Interlocked.CompareExchange(ref target, value, seen);
    }

    sealed class Scoped : IDisposable
    {
        public bool Disposed { get; private set; }

        public void Dispose() => Disposed = true;
    }

    sealed class Nothing : TaskActivity<object?, object?>
    {
        public override Task<object?> RunAsync(TaskActivityContext context, object? input) => Task.FromResult<object?>(null);
    }
}
