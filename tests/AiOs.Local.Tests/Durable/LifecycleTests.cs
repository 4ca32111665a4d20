using AiOs.Local.Durable;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.Tests.Durable;

public sealed class LifecycleTests
{
    static void Tasks(DurableTaskRegistry tasks) => tasks
        .AddOrchestratorFunc<string, string>("Wait", (context, _) => context.WaitForExternalEvent<string>("go"))
        .AddOrchestratorFunc("Parent", context => context.CallSubOrchestratorAsync<string>("Wait", "x", new SubOrchestrationOptions(instanceId: context.InstanceId + "-child")))
        .AddOrchestratorFunc("Empty", _ => Task.FromResult("done"))
        .AddOrchestratorFunc<string>("Version", context => Task.FromResult(context.Version));

    [Theory, EveryKeeping]
    public async Task Terminate_ends_an_instance_with_the_given_output_whatever_it_waits_for(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, Tasks);
        var id = await engine.BeginAsync("Wait");

        await engine.Client.TerminateInstanceAsync(id, (object)"enough");

        var end = await engine.EndOf(id);
        Assert.Equal((OrchestrationRuntimeStatus.Terminated, "enough"), (end.RuntimeStatus, end.ReadOutputAs<string>()));
        await engine.Client.TerminateInstanceAsync(id, (object)"again");
        Assert.Equal("enough", (await engine.EndOf(id)).ReadOutputAs<string>());
    }

    [Theory]
    [InlineData(Keeping.InMemory, true)]
    [InlineData(Keeping.Replaying, true)]
    [InlineData(Keeping.InMemory, false)]
    public async Task Terminate_takes_children_along_only_when_it_is_recursive(Keeping keeping, bool recursive)
    {
        await using var engine = await TestEngine.StartAsync(keeping, Tasks);
        var id = await engine.BeginAsync("Parent");
        await engine.StartOf(id + "-child");

        await engine.Client.TerminateInstanceAsync(id, new TerminateInstanceOptions(Recursive: recursive));
        await engine.EndOf(id);

        if (!recursive)
            await engine.Client.RaiseEventAsync(id + "-child", "go", "on");
        Assert.Equal(recursive ? OrchestrationRuntimeStatus.Terminated : OrchestrationRuntimeStatus.Completed, (await engine.EndOf(id + "-child")).RuntimeStatus);
    }

    [Fact]
    public async Task A_terminated_child_fails_the_call_of_its_parent()
    {
        await using var engine = await TestEngine.StartAsync(Keeping.InMemory, Tasks);
        var id = await engine.BeginAsync("Parent");
        await engine.StartOf(id + "-child");

        await engine.Client.TerminateInstanceAsync(id + "-child");

        Assert.Equal(OrchestrationRuntimeStatus.Failed, (await engine.EndOf(id)).RuntimeStatus);
    }

    [Fact]
    public async Task Terminate_ends_an_instance_that_has_not_begun()
    {
        var clock = new ManualTimeProvider();
        await using var engine = await TestEngine.StartAsync(Keeping.OnFile, Tasks, clock);
        var id = await engine.Client.ScheduleNewOrchestrationInstanceAsync("Empty", new StartOrchestrationOptions(StartAt: clock.GetUtcNow().AddDays(1)));

        await engine.Client.TerminateInstanceAsync(id);

        Assert.Equal(OrchestrationRuntimeStatus.Terminated, (await engine.EndOf(id)).RuntimeStatus);
        clock.Advance(TimeSpan.FromDays(2));
        Assert.Equal(OrchestrationRuntimeStatus.Terminated, (await engine.Client.GetInstanceAsync(id))!.RuntimeStatus);
    }

    [Theory, EveryKeeping]
    public async Task A_suspended_instance_takes_events_but_goes_on_only_when_resumed(Keeping keeping)
    {
        await using var engine = await TestEngine.StartAsync(keeping, Tasks);
        var id = await engine.BeginAsync("Wait");

        await engine.Client.SuspendInstanceAsync(id, "hold on");
        await engine.UntilAsync(id, seen => seen.RuntimeStatus == OrchestrationRuntimeStatus.Suspended);
        await engine.Client.RaiseEventAsync(id, "go", "meanwhile");
        Assert.Equal(OrchestrationRuntimeStatus.Suspended, (await engine.Client.GetInstanceAsync(id))!.RuntimeStatus);
        await engine.Client.ResumeInstanceAsync(id, "go on");

        Assert.Equal("meanwhile", (await engine.EndOf(id)).ReadOutputAs<string>());
        await engine.Client.SuspendInstanceAsync(id);
        Assert.Equal(OrchestrationRuntimeStatus.Completed, (await engine.Client.GetInstanceAsync(id))!.RuntimeStatus);
    }

    [Fact]
    public async Task Resume_of_what_is_not_suspended_and_terminate_of_what_is_both_work()
    {
        await using var engine = await TestEngine.StartAsync(Keeping.InMemory, Tasks);
        var id = await engine.BeginAsync("Wait");

        await engine.Client.ResumeInstanceAsync(id);
        Assert.Equal(OrchestrationRuntimeStatus.Running, (await engine.Client.GetInstanceAsync(id))!.RuntimeStatus);
        await engine.Client.SuspendInstanceAsync(id);
        await engine.UntilAsync(id, seen => seen.RuntimeStatus == OrchestrationRuntimeStatus.Suspended);
        await engine.Client.TerminateInstanceAsync(id);

        Assert.Equal(OrchestrationRuntimeStatus.Terminated, (await engine.EndOf(id)).RuntimeStatus);
    }

    [Fact]
    public async Task Metadata_comes_without_payloads_unless_they_are_asked_for()
    {
        await using var engine = await TestEngine.StartAsync(Keeping.OnFile, Tasks);
        var id = await engine.BeginAsync("Wait", "in");
        await engine.Client.RaiseEventAsync(id, "go", "out");
        await engine.EndOf(id);

        var bare = (await engine.Client.GetInstanceAsync(id))!;
        var full = (await engine.Client.GetInstanceAsync(id, getInputsAndOutputs: true))!;

        Assert.Equal((null, null), (bare.SerializedInput, bare.SerializedOutput));
        Assert.Equal(("in", "out"), (full.ReadInputAs<string>(), full.ReadOutputAs<string>()));
        Assert.InRange(full.LastUpdatedAt, full.CreatedAt, TimeProvider.System.GetUtcNow());
        Assert.Throws<InvalidOperationException>(() => bare.ReadInputAs<string>());
    }

    [Fact]
    public async Task Queries_filter_and_page()
    {
        await using var engine = await TestEngine.StartAsync(Keeping.OnFile, Tasks);
        for (var i = 0; i < 21; i++)
            await engine.Client.ScheduleNewOrchestrationInstanceAsync("Wait", $"{i}", new StartOrchestrationOptions($"page-{i}"));
        await engine.RunAsync("Empty", options: new StartOrchestrationOptions("page-done"));
        await engine.RunAsync("Empty", options: new StartOrchestrationOptions("other"));

        var waiting = new OrchestrationQuery(InstanceIdPrefix: "page-", Statuses: [OrchestrationRuntimeStatus.Running, OrchestrationRuntimeStatus.Pending]);
        var pages = await ListAsync(engine.Client.GetAllInstancesAsync(waiting).AsPages(pageSizeHint: 5));
        var resumed = await ListAsync(engine.Client.GetAllInstancesAsync(waiting).AsPages(pages[1].ContinuationToken, pageSizeHint: 4));

        Assert.Equal([5, 5, 5, 5, 1], pages.Select(page => page.Values.Count));
        Assert.Equal([4, 4, 3], resumed.Select(page => page.Values.Count));
        Assert.Equal(pages.Skip(2).SelectMany(p => p.Values).Select(v => v.InstanceId), resumed.SelectMany(p => p.Values).Select(v => v.InstanceId));
        Assert.Equal(21, (await ListAsync(engine.Client.GetAllInstancesAsync(waiting))).Select(m => m.InstanceId).Distinct().Count());
        Assert.Equal(["page-done"], (await ListAsync(engine.Client.GetAllInstancesAsync(waiting with { Statuses = [OrchestrationRuntimeStatus.Completed] }))).Select(m => m.InstanceId));
        Assert.Empty(await ListAsync(engine.Client.GetAllInstancesAsync(new OrchestrationQuery(CreatedFrom: TimeProvider.System.GetUtcNow().AddMinutes(1)))));
        Assert.Equal(2, (await engine.Client.ListInstanceIdsAsync([OrchestrationRuntimeStatus.Completed])).Values.Count);
    }

    [Fact]
    public async Task Purge_removes_what_is_over_and_refuses_what_is_not()
    {
        await using var engine = await TestEngine.StartAsync(Keeping.OnFile, Tasks);
        var (over, running) = ((await engine.RunAsync("Empty")).InstanceId, await engine.BeginAsync("Wait"));

        Assert.Equal(1, (await engine.Client.PurgeInstanceAsync(over)).PurgedInstanceCount);
        Assert.Null(await engine.Client.GetInstanceAsync(over));
        Assert.Equal(0, (await engine.Client.PurgeInstanceAsync(over)).PurgedInstanceCount);
        await Assert.ThrowsAsync<InvalidOperationException>(() => engine.Client.PurgeInstanceAsync(running));
    }

    [Fact]
    public async Task Purge_by_filter_takes_those_of_its_time_and_status_and_recursively_their_children()
    {
        var clock = new ManualTimeProvider();
        await using var engine = await TestEngine.StartAsync(Keeping.OnFile, Tasks, clock);
        await engine.RunAsync("Empty", options: new StartOrchestrationOptions("old"));
        clock.Advance(TimeSpan.FromDays(1));
        var noon = clock.GetUtcNow();
        await engine.RunAsync("Empty", options: new StartOrchestrationOptions("new"));
        var parent = await engine.BeginAsync("Parent");
        await engine.StartOf(parent + "-child");
        await engine.Client.RaiseEventAsync(parent + "-child", "go", "x");
        await engine.EndOf(parent);

        Assert.Equal(1, (await engine.Client.PurgeAllInstancesAsync(new PurgeInstancesFilter(CreatedTo: noon.AddSeconds(-1)))).PurgedInstanceCount);
        Assert.Equal(0, (await engine.Client.PurgeAllInstancesAsync(new PurgeInstancesFilter(Statuses: [OrchestrationRuntimeStatus.Failed]))).PurgedInstanceCount);
        Assert.Equal(2, (await engine.Client.PurgeInstanceAsync(parent, new PurgeInstanceOptions(Recursive: true))).PurgedInstanceCount);
        Assert.Null(await engine.Client.GetInstanceAsync(parent + "-child"));
        Assert.Equal(["new"], (await ListAsync(engine.Client.GetAllInstancesAsync())).Select(m => m.InstanceId));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Restart_runs_the_same_input_again_under_its_own_or_a_new_id(bool newId)
    {
        await using var engine = await TestEngine.StartAsync(Keeping.OnFile, Tasks);
        var id = await engine.BeginAsync("Wait", "kept");
        await engine.Client.RaiseEventAsync(id, "go", "first");
        await engine.EndOf(id);

        var again = await engine.Client.RestartAsync(id, newId);
        await engine.StartOf(again);
        await engine.Client.RaiseEventAsync(again, "go", "second");
        var end = await engine.EndOf(again);

        Assert.Equal(newId, again != id);
        Assert.Equal(("Wait", "kept", "second"), (end.Name, end.ReadInputAs<string>(), end.ReadOutputAs<string>()));
        await Assert.ThrowsAsync<ArgumentException>(() => engine.Client.RestartAsync("nobody"));
    }

    [Fact]
    public async Task What_runs_is_restarted_only_under_a_new_id()
    {
        await using var engine = await TestEngine.StartAsync(Keeping.OnFile, Tasks);
        var id = await engine.BeginAsync("Wait", "kept");

        await Assert.ThrowsAnyAsync<InvalidOperationException>(() => engine.Client.RestartAsync(id));
        var other = await engine.Client.RestartAsync(id, restartWithNewInstanceId: true);

        Assert.Equal("kept", (await engine.StartOf(other)).ReadInputAs<string>());
        Assert.Equal(OrchestrationRuntimeStatus.Running, (await engine.Client.GetInstanceAsync(id))!.RuntimeStatus);
    }

    [Fact]
    public async Task Ids_are_listed_by_the_time_of_their_end_in_pages()
    {
        var clock = new ManualTimeProvider();
        await using var engine = await TestEngine.StartAsync(Keeping.OnFile, Tasks, clock);
        for (var day = 0; day < 6; day++)
        {
            await engine.RunAsync("Empty", options: new StartOrchestrationOptions($"day-{day}"));
            clock.Advance(TimeSpan.FromDays(1));
        }
        var (from, to) = (clock.GetUtcNow().AddDays(-5).AddMinutes(-1), clock.GetUtcNow().AddDays(-2).AddMinutes(1));

        var first = await engine.Client.ListInstanceIdsAsync([OrchestrationRuntimeStatus.Completed], from, to, pageSize: 3);
        var second = await engine.Client.ListInstanceIdsAsync([OrchestrationRuntimeStatus.Completed], from, to, pageSize: 3, first.ContinuationToken);

        Assert.Equal(["day-1", "day-2", "day-3"], first.Values);
        Assert.Equal(["day-4"], second.Values);
        Assert.Null(second.ContinuationToken);
    }

    [Fact]
    public async Task A_recursive_purge_by_filter_takes_the_children_with_their_parents()
    {
        var clock = new ManualTimeProvider();
        await using var engine = await TestEngine.StartAsync(Keeping.OnFile, Tasks, clock);
        var parent = await engine.BeginAsync("Parent");
        await engine.StartOf(parent + "-child");
        await engine.Client.RaiseEventAsync(parent + "-child", "go", "x");
        await engine.EndOf(parent);
        var running = await engine.BeginAsync("Wait");

        var purged = await engine.Client.PurgeAllInstancesAsync(new PurgeInstancesFilter(CreatedFrom: clock.GetUtcNow().AddDays(-1)), new PurgeInstanceOptions(Recursive: true));

        Assert.Equal((2, true), (purged.PurgedInstanceCount, purged.IsComplete));
        Assert.Equal([running], (await ListAsync(engine.Client.GetAllInstancesAsync())).Select(m => m.InstanceId));
    }

    [Fact]
    public async Task An_id_in_use_is_refused_while_it_runs_and_free_when_it_is_over()
    {
        await using var engine = await TestEngine.StartAsync(Keeping.OnFile, Tasks);
        var options = new StartOrchestrationOptions("one");
        await engine.BeginAsync("Wait", options: options);

        await Assert.ThrowsAsync<OrchestrationAlreadyExistsException>(() => engine.Client.ScheduleNewOrchestrationInstanceAsync("Wait", options));
        await engine.Client.RaiseEventAsync("one", "go", "1");
        await engine.EndOf("one");
        Assert.Equal("one", await engine.Client.ScheduleNewOrchestrationInstanceAsync("Empty", options));
        Assert.Equal("done", (await engine.UntilAsync("one", seen => seen.Name == "Empty" && seen.IsCompleted)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Dedupe_statuses_say_which_instances_are_in_the_way()
    {
        await using var engine = await TestEngine.StartAsync(Keeping.InMemory, Tasks);
        var options = new StartOrchestrationOptions("one");
        await engine.RunAsync("Empty", options: options);

        await Assert.ThrowsAsync<OrchestrationAlreadyExistsException>(
            () => engine.Client.ScheduleNewOrchestrationInstanceAsync("Wait", options.WithDedupeStatuses(OrchestrationRuntimeStatus.Completed)));
        await engine.BeginAsync("Wait", options: options.WithDedupeStatuses(OrchestrationRuntimeStatus.Failed, OrchestrationRuntimeStatus.Terminated));
        await engine.UntilAsync("one", seen => seen.RuntimeStatus == OrchestrationRuntimeStatus.Running);
        await engine.Client.ScheduleNewOrchestrationInstanceAsync("Empty", options.WithDedupeStatuses(OrchestrationRuntimeStatus.Failed));
        Assert.Equal("done", (await engine.EndOf("one")).ReadOutputAs<string>());
        await Assert.ThrowsAsync<ArgumentException>(() => engine.Client.ScheduleNewOrchestrationInstanceAsync("Empty", options with { DedupeStatuses = ["Odd"] }));
    }

    [Fact]
    public async Task Concurrent_starts_of_one_id_make_one_instance()
    {
        await using var engine = await TestEngine.StartAsync(Keeping.OnFile, Tasks);

        var starts = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            try
            {
                await engine.Client.ScheduleNewOrchestrationInstanceAsync("Wait", new StartOrchestrationOptions("same"));
                return true;
            }
            catch (OrchestrationAlreadyExistsException)
            {
                return false;
            }
        }));

        Assert.Single(starts, started => started);
    }

    [Fact]
    public async Task A_version_travels_with_the_instance_and_picks_the_code()
    {
        await using var engine = await TestEngine.StartAsync(new DurableEngineOptions { DefaultVersion = "0.1" }, tasks =>
        {
            Tasks(tasks);
            tasks.AddOrchestratorFunc<object?, string>("Picked", new TaskVersion("1"), (context, _) => context.CallActivityAsync<string>("Code"))
                .AddOrchestratorFunc<object?, string>("Picked", new TaskVersion("2"), (_, _) => Task.FromResult("new code"))
                .AddActivityFunc<object?, string>("Code", (context, _) => Task.FromResult($"old code {context.Version}"));
        });

        Assert.Equal("0.1", await engine.RunAsync<string>("Version"));
        Assert.Equal("7", (await engine.RunAsync("Version", options: new StartOrchestrationOptions { Version = "7" })).ReadOutputAs<string>());
        Assert.Equal("old code 1", (await engine.RunAsync("Picked", options: new StartOrchestrationOptions { Version = "1" })).ReadOutputAs<string>());
        Assert.Equal("new code", (await engine.RunAsync("Picked", options: new StartOrchestrationOptions { Version = "2" })).ReadOutputAs<string>());
        Assert.Equal("OrchestratorTaskNotFound", (await engine.RunAsync("Picked", options: new StartOrchestrationOptions { Version = "3" })).FailureDetails!.ErrorType);
    }

    [Fact]
    public async Task Tags_are_kept_and_ids_are_checked()
    {
        await using var engine = await TestEngine.StartAsync(Keeping.InMemory, Tasks);

        var end = await engine.RunAsync("Empty", options: new StartOrchestrationOptions { Tags = new Dictionary<string, string> { ["team"] = "claims" } });

        Assert.Equal("claims", end.Tags["team"]);
        await Assert.ThrowsAsync<ArgumentException>(() => engine.Client.GetInstanceAsync("@entity@key"));
        await Assert.ThrowsAsync<ArgumentException>(() => engine.Client.ScheduleNewOrchestrationInstanceAsync("Empty", new StartOrchestrationOptions("line\nbreak")));
    }

    [Fact]
    public async Task Waiting_can_be_given_up()
    {
        await using var engine = await TestEngine.StartAsync(Keeping.InMemory, Tasks);
        var id = await engine.BeginAsync("Wait");
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(20));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engine.Client.WaitForInstanceCompletionAsync(id, soon.Token));
    }

    static async Task<List<T>> ListAsync<T>(IAsyncEnumerable<T> items)
    {
        var list = new List<T>();
        await foreach (var item in items)
            list.Add(item);
        return list;
    }
}
