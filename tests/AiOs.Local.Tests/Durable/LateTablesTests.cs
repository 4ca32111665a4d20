using AiOs.Local.Durable;
using AiOs.Local.Durable.Storage;
using AiOs.Local.Tests.Durable.Disks;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using SQLitePCL;

namespace AiOs.Local.Tests.Durable;

/// <summary>Changes that come alone are in the log first, and in the tables a moment later.</summary>
public sealed class LateTablesTests
{
    const int Steps = 400;

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public async Task Tables_that_have_no_room_for_what_the_log_took_get_it_later_and_in_order(int seed)
    {
        using var disk = new TestDisk(seed);
        var options = new DurableEngineOptions { Path = disk.File("durable.db") };
        await using (var engine = await TestEngine.StartAsync(options, Register))
        {
            await SpillAsync(engine);

            // The log is written; of the tables' file every third write fails, until eight have.
            var failed = 0;
            disk.Fail((operation, path) =>
            {
                if (operation != DiskOperation.Write || path.EndsWith("-redo", StringComparison.Ordinal) || failed == 8 || disk.Random.Next(3) > 0)
                    return raw.SQLITE_OK;
                failed++;
                return raw.SQLITE_FULL;
            });
            Assert.Equal(Sum(Steps), await engine.RunAsync<long>("Sum", Steps));
            Assert.True(failed > 0, "The tables never lacked room.");
            await engine.CrashAsync();
        }
        disk.Heal();

        await using var after = await TestEngine.StartAsync(options, Register);
        var sums = new List<OrchestrationMetadata>();
        await foreach (var found in after.Client.GetAllInstancesAsync(new OrchestrationQuery { FetchInputsAndOutputs = true }))
            sums.Add(found);
        Assert.Equal(Sum(Steps), Assert.Single(sums).ReadOutputAs<long>());
        Assert.Equal((2 * Steps) + 2, (await after.Engine.ReadHistoryAsync(sums[0].InstanceId))!.Events);
    }

    [Fact]
    public async Task Who_looks_at_an_instance_sees_every_change_that_was_acknowledged_before()
    {
        using var folder = new TemporaryFolder();
        await using var engine = await TestEngine.StartAsync(new DurableEngineOptions { Path = folder.File("durable.db") }, Register);
        for (var i = 1; i <= 150; i++)
        {
            var id = await engine.Client.ScheduleNewOrchestrationInstanceAsync("Sum", i % 4);
            Assert.NotNull(await engine.Client.GetInstanceAsync(id));
            var end = await engine.Client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true).WaitAsync(TestEngine.Patience);
            Assert.Equal(Sum(i % 4), end.ReadOutputAs<long>());
            if (i % 10 == 0)
                Assert.Equal(OrchestrationRuntimeStatus.Completed, (await engine.Client.GetInstanceAsync(id))!.RuntimeStatus);
            if (i % 50 == 0)
                Assert.Equal(i, await engine.Client.GetAllInstancesAsync(new OrchestrationQuery()).CountAsync());
        }
    }

    [Fact]
    public async Task Instances_that_are_replaced_and_purged_while_they_work_leave_nothing_behind()
    {
        using var folder = new TemporaryFolder();
        var options = new DurableEngineOptions { Path = folder.File("durable.db") };
        await using (var engine = await TestEngine.StartAsync(options, Register))
        {
            for (var round = 0; round < 200; round++)
            {
                var always = new StartOrchestrationOptions($"sum-{round % 3}") { DedupeStatuses = [] };
                await engine.Client.ScheduleNewOrchestrationInstanceAsync("Sum", 40, always);
                await engine.RunAsync("Sum", round % 4);
                if (round % 7 != 0)
                    continue;
                await engine.Client.TerminateInstanceAsync(always.InstanceId!, TestContext.Current.CancellationToken);
                await engine.EndOf(always.InstanceId!);
                Assert.Equal(1, (await engine.Client.PurgeInstanceAsync(always.InstanceId!)).PurgedInstanceCount);
            }
            for (var i = 0; i < 3; i++)
                if (await engine.Client.GetInstanceAsync($"sum-{i}") is { } left)
                    Assert.Equal(Sum(40), (await engine.EndOf(left.InstanceId)).ReadOutputAs<long>());
        }

        using var tables = Sqlite.Open(options.Path!, readOnly: true);
        Assert.True(tables.Number("SELECT count(*) FROM instances") >= 200);
        Assert.Equal(0, tables.Number("SELECT count(*) FROM history WHERE row>>24 NOT IN (SELECT key FROM instances)"));
        Assert.Equal(0, tables.Number("SELECT count(*) FROM tasks"));
        Assert.Equal(0, tables.Number("SELECT count(*) FROM inbox"));
    }

    static long Sum(int steps) => Enumerable.Range(1, steps).Sum(step => (long)step);

    // A cache of a few pages, so that the open transaction writes to its file as it grows.
    static Task SpillAsync(TestEngine engine) => engine.Engine.Store.Commits.RequestAsync(tables =>
    {
        tables.Database.Run("PRAGMA cache_size=8");
        return 0;
    }, then: null, CancellationToken.None);

    static void Register(DurableTaskRegistry tasks) => tasks
        .AddOrchestratorFunc<int, long>("Sum", async (context, steps) =>
        {
            var sum = 0L;
            for (var step = 1; step <= steps; step++)
                sum += (await context.CallActivityAsync<string>("Tell", step)).Length;
            return sum / 10;
        })
        .AddActivityFunc<int, string>("Tell", (_, step) => new string('x', 10 * step));
}
