using System.Collections.Concurrent;
using AiOs.Local.Durable;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Entities;

namespace AiOs.Local.Tests.Durable;

public sealed class RewindTests
{
    /// <summary>Activities that fail until they are repaired, and a record of what ran.</summary>
    sealed class Works
    {
        public volatile bool Repaired;

        public ConcurrentQueue<string> Ran { get; } = new();

        public string Work(string name)
        {
            Ran.Enqueue(name);
            return Repaired || !name.StartsWith("broken", StringComparison.Ordinal) ? name : throw new InvalidOperationException($"{name} is broken");
        }
    }

    static DurableTaskRegistry With(DurableTaskRegistry tasks, Works works) => tasks
        .AddActivityFunc<string, string>("Work", (_, name) => works.Work(name))
        .AddOrchestratorFunc<string, string>("One", (context, name) => context.CallActivityAsync<string>("Work", name));

    static async Task<OrchestrationMetadata> FailAsync(TestEngine engine, string name, object? input = null, string? id = null)
    {
        var failed = await engine.RunAsync(name, input, id is null ? null : new StartOrchestrationOptions(id));
        Assert.Equal(OrchestrationRuntimeStatus.Failed, failed.RuntimeStatus);
        return failed;
    }

    static async Task<OrchestrationMetadata> RewindAsync(TestEngine engine, string id)
    {
        await engine.Client.RewindInstanceAsync(id, "repaired");
        return await engine.EndOf(id);
    }

    [Theory, EveryKeeping]
    public async Task A_failed_activity_runs_again_and_what_was_done_before_does_not(Keeping keeping)
    {
        var works = new Works();
        await using var engine = await TestEngine.StartAsync(keeping, tasks => With(tasks, works).AddOrchestratorFunc<string>("Sequence", async context =>
            await context.CallActivityAsync<string>("Work", "first") + await context.CallActivityAsync<string>("Work", "broken") + await context.CallActivityAsync<string>("Work", "last")));
        var failed = await FailAsync(engine, "Sequence");

        works.Repaired = true;
        var end = await RewindAsync(engine, failed.InstanceId);

        Assert.Equal((OrchestrationRuntimeStatus.Completed, "firstbrokenlast"), (end.RuntimeStatus, end.ReadOutputAs<string>()));
        Assert.Equal(["first", "broken", "broken", "last"], works.Ran);
        Assert.Null(end.FailureDetails);
    }

    [Theory, EveryKeeping]
    public async Task Of_a_fan_out_only_the_failed_ones_run_again(Keeping keeping)
    {
        var works = new Works();
        string[] names = ["a", "broken-1", "b", "broken-2", "c"];
        await using var engine = await TestEngine.StartAsync(keeping, tasks => With(tasks, works).AddOrchestratorFunc<string[]>("Fan", context =>
            Task.WhenAll(names.Select(async name => await context.CallActivityAsync<string>("Work", name) + await context.CallActivityAsync<string>("Work", name + "+")))));
        var failed = await FailAsync(engine, "Fan");

        works.Repaired = true;
        var end = await RewindAsync(engine, failed.InstanceId);

        Assert.Equal(names.Select(name => $"{name}{name}+"), end.ReadOutputAs<string[]>());
        Assert.All(names, name => Assert.Equal(name.StartsWith("broken", StringComparison.Ordinal) ? 2 : 1, works.Ran.Count(ran => ran == name)));
    }

    [Theory, EveryKeeping]
    public async Task Failed_sub_orchestrations_are_rewound_in_their_turn_at_any_depth(Keeping keeping)
    {
        var works = new Works();
        await using var engine = await TestEngine.StartAsync(keeping, tasks => With(tasks, works)
            .AddOrchestratorFunc<string>("Top", context => context.CallSubOrchestratorAsync<string>("Middle", new SubOrchestrationOptions(instanceId: "the-middle")))
            .AddOrchestratorFunc<string>("Middle", async context => string.Join(' ', await Task.WhenAll(
                context.CallSubOrchestratorAsync<string>("One", "well"), context.CallSubOrchestratorAsync<string>("One", "broken", new SubOrchestrationOptions(instanceId: "the-leaf"))))));
        var failed = await FailAsync(engine, "Top");

        works.Repaired = true;
        var end = await RewindAsync(engine, failed.InstanceId);

        Assert.Equal("well broken", end.ReadOutputAs<string>());
        Assert.Equal(["broken", "broken", "well"], works.Ran.Order(StringComparer.Ordinal));
        foreach (var id in new[] { "the-middle", "the-leaf" })
            Assert.Equal(OrchestrationRuntimeStatus.Completed, (await engine.EndOf(id)).RuntimeStatus);
    }

    [Theory, EveryKeeping]
    public async Task A_failure_that_the_code_handled_stays_handled(Keeping keeping)
    {
        var works = new Works();
        var retry = new TaskOptions(new RetryPolicy(3, TimeSpan.FromMilliseconds(1)));
        await using var engine = await TestEngine.StartAsync(keeping, tasks => With(tasks, works).AddOrchestratorFunc<string>("Handle", async context =>
        {
            try
            {
                await context.CallActivityAsync<string>("Work", "broken-and-caught");
            }
            catch (TaskFailedException)
            {
                await context.CallActivityAsync("Work", "compensation");
            }
            return await context.CallActivityAsync<string>("Work", "broken", retry);
        }));
        var failed = await FailAsync(engine, "Handle");

        works.Repaired = true;
        var end = await RewindAsync(engine, failed.InstanceId);

        Assert.Equal("broken", end.ReadOutputAs<string>());
        Assert.Equal(["broken-and-caught", "compensation", "broken", "broken", "broken", "broken"], works.Ran);
    }

    [Fact]
    public async Task What_is_not_repaired_fails_again_and_can_be_rewound_again()
    {
        var works = new Works();
        await using var engine = await TestEngine.StartAsync(Keeping.OnFile, tasks => With(tasks, works));
        var failed = await FailAsync(engine, "One", "broken");

        var again = await RewindAsync(engine, failed.InstanceId);
        works.Repaired = true;
        var end = await RewindAsync(engine, failed.InstanceId);

        Assert.Equal("broken is broken", again.FailureDetails!.InnerFailure!.ErrorMessage);
        Assert.Equal("broken", end.ReadOutputAs<string>());
    }

    [Fact]
    public async Task Code_that_was_repaired_goes_on_from_where_the_old_code_threw()
    {
        using var folder = new TemporaryFolder();
        var options = new DurableEngineOptions { Path = folder.File("durable.db") };
        var works = new Works();
        await using (var before = await TestEngine.StartAsync(options, tasks => With(tasks, works).AddOrchestratorFunc<string>("Compute", async context =>
        {
            var first = await context.CallActivityAsync<string>("Work", "first");
            throw new FormatException($"a bug at {first}");
        })))
            await FailAsync(before, "Compute", id: "c-1");

        await using var after = await TestEngine.StartAsync(options, tasks => With(tasks, works).AddOrchestratorFunc<string>("Compute", async context =>
            await context.CallActivityAsync<string>("Work", "first") + await context.CallActivityAsync<string>("Work", "second")));
        var end = await RewindAsync(after, "c-1");

        Assert.Equal("firstsecond", end.ReadOutputAs<string>());
        Assert.Equal(["first", "second"], works.Ran);
    }

    [Fact]
    public async Task An_orchestrator_or_activity_that_was_missing_runs_once_it_is_there()
    {
        using var folder = new TemporaryFolder();
        var options = new DurableEngineOptions { Path = folder.File("durable.db") };
        var works = new Works();
        await using (var before = await TestEngine.StartAsync(options, tasks => tasks.AddOrchestratorFunc<string, string>("One", (context, name) => context.CallActivityAsync<string>("Work", name))))
        {
            await FailAsync(before, "One", "late activity", "a-1");
            await FailAsync(before, "Two", "late orchestrator", "o-1");
        }

        await using var after = await TestEngine.StartAsync(options, tasks => With(tasks, works).AddOrchestratorFunc<string, string>("Two", (context, name) => context.CallActivityAsync<string>("Work", name)));

        Assert.Equal("late activity", (await RewindAsync(after, "a-1")).ReadOutputAs<string>());
        Assert.Equal("late orchestrator", (await RewindAsync(after, "o-1")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Code_that_was_wrongly_changed_goes_on_when_it_is_changed_back_with_its_timers_and_children()
    {
        using var folder = new TemporaryFolder();
        var clock = new ManualTimeProvider();
        var options = new DurableEngineOptions { Path = folder.File("durable.db"), TimeProvider = clock };
        void Right(DurableTaskRegistry tasks) => tasks
            .AddOrchestratorFunc<string>("Wait", async context =>
            {
                var child = context.CallSubOrchestratorAsync<string>("Child", new SubOrchestrationOptions(instanceId: "child-of-w"));
                await context.CreateTimer(TimeSpan.FromDays(1), CancellationToken.None);
                return await context.WaitForExternalEvent<string>("go") + await child;
            })
            .AddOrchestratorFunc<string>("Child", context => context.WaitForExternalEvent<string>("answer"));
        await using (var before = await TestEngine.StartAsync(options, Right))
        {
            await before.BeginAsync("Wait", options: new StartOrchestrationOptions("w-1"));
            await before.StartOf("child-of-w");
        }
        await using (var wrong = await TestEngine.StartAsync(options, tasks => tasks
            .AddOrchestratorFunc("Wait", async context => await context.CallActivityAsync("Other"))
            .AddOrchestratorFunc<string>("Child", context => context.WaitForExternalEvent<string>("answer"))))
        {
            await wrong.Client.RaiseEventAsync("w-1", "go", "went ");
            Assert.Equal(OrchestrationRuntimeStatus.Failed, (await wrong.EndOf("w-1")).RuntimeStatus);
            await Assert.ThrowsAsync<InvalidOperationException>(() => wrong.Client.RewindInstanceAsync("w-1", "too early"));
            await wrong.Client.RaiseEventAsync("child-of-w", "answer", "on");
            await wrong.EndOf("child-of-w");
        }

        await using var after = await TestEngine.StartAsync(options, Right);
        await after.Client.RewindInstanceAsync("w-1", "changed back");
        Assert.False((await after.Client.GetInstanceAsync("w-1"))!.IsCompleted);
        clock.Advance(TimeSpan.FromDays(1));

        Assert.Equal("went on", (await after.EndOf("w-1")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task A_rewound_instance_survives_a_crash()
    {
        using var folder = new TemporaryFolder();
        var options = new DurableEngineOptions { Path = folder.File("durable.db") };
        var works = new Works();
        using var release = new SemaphoreSlim(0);
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (var before = await TestEngine.StartAsync(options, tasks => tasks
            .AddOrchestratorFunc<string, string>("One", (context, name) => context.CallActivityAsync<string>("Work", name))
            .AddActivityFunc<string, string>("Work", async (_, name) =>
            {
                if (!works.Repaired)
                    return works.Work(name);
                held.SetResult();
                await release.WaitAsync();
                return "too late";
            })))
        {
            await FailAsync(before, "One", "broken", "r-1");
            works.Repaired = true;
            await before.Client.RewindInstanceAsync("r-1", "repaired");
            await held.Task.WaitAsync(TestEngine.Patience);
            await before.CrashAsync();
        }

        await using var after = await TestEngine.StartAsync(options, tasks => With(tasks, works));

        Assert.Equal("broken", (await after.EndOf("r-1")).ReadOutputAs<string>());
        release.Release();
    }

    [Fact]
    public async Task Only_what_has_failed_and_can_go_on_is_rewound()
    {
        var works = new Works();
        var counter = new EntityInstanceId("nothing", "1");
        await using var engine = await TestEngine.StartAsync(Keeping.OnFile, tasks => With(tasks, works)
            .AddOrchestratorFunc("Wait", context => context.WaitForExternalEvent<object>("never"))
            .AddOrchestratorFunc<string>("Parent", async context =>
            {
                try
                {
                    return await context.CallSubOrchestratorAsync<string>("One", "broken", new SubOrchestrationOptions(instanceId: "left-behind"));
                }
                catch (TaskFailedException)
                {
                    return await context.WaitForExternalEvent<string>("never");
                }
            })
            .AddOrchestratorFunc("Locked", async context =>
            {
                await using (await context.Entities.LockEntitiesAsync(counter))
                    await context.CallActivityAsync("Work", "broken");
            }));
        var (running, over, locked) = (await engine.BeginAsync("Wait"), (await engine.RunAsync("One", "well")).InstanceId, (await FailAsync(engine, "Locked")).InstanceId);
        await engine.BeginAsync("Parent");
        await engine.EndOf("left-behind");

        await Assert.ThrowsAsync<ArgumentException>(() => engine.Client.RewindInstanceAsync("nobody", "why"));
        await Assert.ThrowsAsync<ArgumentException>(() => engine.Client.RewindInstanceAsync("@entity@key", "why"));
        foreach (var (id, why) in new[] { (running, "is Running"), (over, "is Completed"), (locked, "held locks"), ("left-behind", "gone on without it") })
            Assert.Contains(why, (await Assert.ThrowsAsync<InvalidOperationException>(() => engine.Client.RewindInstanceAsync(id, "why"))).Message, StringComparison.Ordinal);
    }
}
