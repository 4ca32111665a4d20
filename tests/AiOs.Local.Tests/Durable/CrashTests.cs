using System.Collections.Concurrent;
using AiOs.Local.Durable;
using AiOs.Local.Durable.Storage;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Entities;

namespace AiOs.Local.Tests.Durable;

public sealed class CrashTests
{
    [Fact]
    public async Task Crashes_at_any_moment_lose_nothing_and_record_nothing_twice()
    {
        using var folder = new TemporaryFolder();
        var options = new DurableEngineOptions { Path = folder.File("durable.db"), WarmInstances = 20 };
        var mix = new Mix();
        var random = new Random(7);
        var ids = new List<string>();
        for (var life = 0; life < 6; life++)
        {
            await using var engine = await TestEngine.StartAsync(options, mix.Register);
            for (var i = 0; i < 25; i++)
                ids.Add(await engine.Client.ScheduleNewOrchestrationInstanceAsync(Mix.Names[i % Mix.Names.Length], i, new StartOrchestrationOptions($"{life}-{i}")));
            foreach (var id in ids.Where(id => mix.IsWaiting(id)))
                await engine.Client.RaiseEventAsync(id, "go", id);
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(40)), TimeProvider.System, CancellationToken.None);
            await engine.CrashAsync();
        }

        await using var last = await TestEngine.StartAsync(options, mix.Register);
        await mix.RequireAllEndedAsync(last, ids);
    }

    [Fact]
    public async Task A_copy_of_the_files_taken_at_any_moment_goes_on_from_there()
    {
        using var folder = new TemporaryFolder();
        var mix = new Mix();
        var copies = new List<(string Path, List<string> Ids)>();
        await using (var engine = await TestEngine.StartAsync(new DurableEngineOptions { Path = folder.File("durable.db") }, mix.Register))
        {
            var ids = new List<string>();
            for (var i = 0; i < 60; i++)
            {
                ids.Add(await engine.Client.ScheduleNewOrchestrationInstanceAsync(Mix.Names[i % Mix.Names.Length], i, new StartOrchestrationOptions($"copy-{i}")));
                if (i % 12 != 11)
                    continue;
                var target = Directory.CreateDirectory(folder.File($"copy{i}")).FullName;
                List<string> known = [.. ids];
                await engine.Engine.Store.Commits.RequestAsync(_ =>
                {
                    foreach (var file in new[] { "durable.db", "durable.db-wal", "durable.db-redo" })
                        File.Copy(folder.File(file), Path.Combine(target, file));
                    return 0;
                }, then: null, CancellationToken.None);
                copies.Add((Path.Combine(target, "durable.db"), known));
            }
        }

        foreach (var (path, ids) in copies)
        {
            await using var engine = await TestEngine.StartAsync(new DurableEngineOptions { Path = path }, mix.Register);
            await mix.RequireAllEndedAsync(engine, ids);
        }
    }

    [Fact]
    public async Task A_torn_end_of_the_log_costs_at_most_what_it_tore()
    {
        using var folder = new TemporaryFolder();
        var options = new DurableEngineOptions { Path = folder.File("durable.db") };
        var mix = new Mix();
        List<string> ids = [.. Enumerable.Range(0, 30).Select(i => $"torn-{i}")];
        string[] files = ["durable.db", "durable.db-wal", "durable.db-redo"];
        await using (var engine = await TestEngine.StartAsync(options, mix.Register))
        {
            foreach (var (i, id) in ids.Index())
                await engine.Client.ScheduleNewOrchestrationInstanceAsync(Mix.Names[i % Mix.Names.Length], i, new StartOrchestrationOptions(id));
            await engine.Engine.Store.Commits.RequestAsync(_ =>
            {
                foreach (var file in files)
                    File.Copy(folder.File(file), folder.File("kept." + file));
                return 0;
            }, then: null, CancellationToken.None);
            await mix.RequireAllEndedAsync(engine, ids);
            await engine.CrashAsync();
        }

        // The files as they were, with the last bytes of the log gone.
        foreach (var file in files)
            File.Copy(folder.File("kept." + file), folder.File(file), overwrite: true);
        var log = await File.ReadAllBytesAsync(folder.File("durable.db-redo"));
        log.AsSpan(0, log.AsSpan().LastIndexOfAnyExcept((byte)0) + 1)[^100..].Clear();
        await File.WriteAllBytesAsync(folder.File("durable.db-redo"), log);

        await using var after = await TestEngine.StartAsync(options, mix.Register);
        var left = new List<string>();
        foreach (var id in ids)
            if (await after.Client.GetInstanceAsync(id) is not null)
                left.Add(id);
        Assert.InRange(left.Count, 1, ids.Count);
        await mix.RequireAllEndedAsync(after, left);
    }

    [Fact]
    public async Task Timers_events_and_activities_survive_a_crash()
    {
        using var folder = new TemporaryFolder();
        var clock = new ManualTimeProvider();
        var options = new DurableEngineOptions { Path = folder.File("durable.db"), TimeProvider = clock };
        using var block = new SemaphoreSlim(0);
        var runs = 0;
        void Tasks(DurableTaskRegistry tasks) => tasks
            .AddOrchestratorFunc<string>("All", async context =>
            {
                var activity = context.CallActivityAsync<int>("Block");
                await context.CreateTimer(TimeSpan.FromHours(1), CancellationToken.None);
                return $"{await activity} {await context.WaitForExternalEvent<string>("e")}";
            })
            .AddActivityFunc("Block", async _ =>
            {
                if (Interlocked.Increment(ref runs) == 1)
                    await block.WaitAsync();
                return runs;
            });

        await using (var engine = await TestEngine.StartAsync(options, Tasks))
        {
            await engine.BeginAsync("All", options: new StartOrchestrationOptions("one"));
            await engine.Client.RaiseEventAsync("one", "e", "kept");
            while (Volatile.Read(ref runs) == 0)
                await Task.Yield();
            await engine.CrashAsync();
        }
        block.Release();
        clock.Advance(TimeSpan.FromHours(2));
        await using var after = await TestEngine.StartAsync(options, Tasks);

        Assert.Equal("2 kept", (await after.EndOf("one")).ReadOutputAs<string>());
        Assert.Equal(2, runs);
    }

    [Fact]
    public async Task A_stop_lets_running_activities_finish_and_begins_no_more()
    {
        using var folder = new TemporaryFolder();
        var options = new DurableEngineOptions { Path = folder.File("durable.db"), MaxConcurrentActivities = 1 };
        using var running = new SemaphoreSlim(0);
        var begun = new ConcurrentBag<int>();
        void Tasks(DurableTaskRegistry tasks) => tasks
            .AddOrchestratorFunc<int[]>("Three", context => Task.WhenAll(Enumerable.Range(0, 3).Select(i => context.CallActivityAsync<int>("Step", i))))
            .AddActivityFunc<int, int>("Step", async (_, i) =>
            {
                begun.Add(i);
                if (i == 0)
                    await running.WaitAsync();
                return i;
            });

        var engine = await TestEngine.StartAsync(options, Tasks);
        await engine.BeginAsync("Three", options: new StartOrchestrationOptions("three"));
        while (begun.IsEmpty)
            await Task.Yield();
        var stopping = engine.Engine.StopAsync(CancellationToken.None);
        running.Release();
        await stopping;
        await engine.DisposeAsync();
        Assert.Equal([0], begun);

        await using var after = await TestEngine.StartAsync(options, Tasks);
        Assert.Equal([0, 1, 2], (await after.EndOf("three")).ReadOutputAs<List<int>>());
        Assert.Equal([0, 1, 2], begun.Order());
    }

    [Fact]
    public async Task An_activity_that_outlasts_the_drain_is_told_to_stop_and_runs_again()
    {
        using var folder = new TemporaryFolder();
        var options = new DurableEngineOptions { Path = folder.File("durable.db"), DrainTime = TimeSpan.FromMilliseconds(20) };
        var runs = 0;
        DurableEngine? current = null;
        void Tasks(DurableTaskRegistry tasks) => tasks
            .AddOrchestratorFunc<int>("Long", context => context.CallActivityAsync<int>("Long"))
            .AddActivityFunc("Long", async _ =>
            {
                if (Interlocked.Increment(ref runs) == 1)
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, current!.Stopping);
                return runs;
            });

        var engine = await TestEngine.StartAsync(options, Tasks);
        current = engine.Engine;
        await engine.BeginAsync("Long", options: new StartOrchestrationOptions("long"));
        while (Volatile.Read(ref runs) == 0)
            await Task.Yield();
        await engine.DisposeAsync();

        await using var after = await TestEngine.StartAsync(options, Tasks);
        Assert.Equal(2, (await after.EndOf("long")).ReadOutputAs<int>());
    }

    [Fact]
    public async Task A_file_in_use_a_newer_file_and_a_foreign_file_are_refused_with_the_reason()
    {
        using var folder = new TemporaryFolder();
        var options = new DurableEngineOptions { Path = folder.File("durable.db") };
        await using (var engine = await TestEngine.StartAsync(options, _ => { }))
            Assert.Equal(StoreFault.Busy, (await Refusal(options)).Fault);

        using (var database = Sqlite.Open(folder.File("durable.db"), readOnly: false))
            database.Run("PRAGMA user_version=99");
        var newer = await Refusal(options);
        Assert.Equal(StoreFault.Newer, newer.Fault);
        Assert.Contains("version 99", newer.Message, StringComparison.Ordinal);

        using (var database = Sqlite.Open(folder.File("foreign.db"), readOnly: false))
            database.Run("CREATE TABLE theirs(x)");
        Assert.Contains("something else", (await Refusal(options with { Path = folder.File("foreign.db") })).Message, StringComparison.Ordinal);

        await File.WriteAllTextAsync(folder.File("text.db"), new string('x', 5000));
        Assert.Equal(StoreFault.Corrupt, (await Refusal(options with { Path = folder.File("text.db") })).Fault);

        static Task<DurableStoreException> Refusal(DurableEngineOptions options) =>
            Assert.ThrowsAsync<DurableStoreException>(() => TestEngine.StartAsync(options, _ => { }));
    }

    [Fact]
    public async Task A_file_locked_for_a_while_stops_callers_with_the_reason_and_the_work_goes_on_afterwards()
    {
        using var folder = new TemporaryFolder();
        var mix = new Mix();
        await using var engine = await TestEngine.StartAsync(new DurableEngineOptions { Path = folder.File("durable.db") }, mix.Register);
        var id = await engine.BeginAsync("Event", 1, new StartOrchestrationOptions("busy-1"));
        using (var intruder = Sqlite.Open(folder.File("durable.db"), readOnly: false))
        {
            engine.Engine.Store.SetPatience(TimeSpan.FromMilliseconds(20));
            intruder.Run("BEGIN IMMEDIATE");
            var refused = await Assert.ThrowsAsync<DurableStoreException>(() => engine.Client.RaiseEventAsync(id, "go", id));
            Assert.Equal(StoreFault.Busy, refused.Fault);
            intruder.Run("ROLLBACK");
        }

        await engine.Client.RaiseEventAsync(id, "go", id);
        Assert.Equal(OrchestrationRuntimeStatus.Completed, (await engine.EndOf(id)).RuntimeStatus);
    }

    [Fact]
    public async Task A_full_disk_tells_callers_and_loses_nothing()
    {
        using var folder = new TemporaryFolder();
        using var full = new SemaphoreSlim(0);
        await using var engine = await TestEngine.StartAsync(new DurableEngineOptions { Path = folder.File("durable.db") }, tasks => tasks
            .AddOrchestratorFunc<string>("Large", context => context.CallActivityAsync<string>("Make"))
            .AddActivityFunc("Make", async _ =>
            {
                await full.WaitAsync();
                return new string('x', 500_000);
            }));
        var id = await engine.BeginAsync("Large");

        await SetRoomAsync("(SELECT page_count FROM pragma_page_count)");
        var refused = await Assert.ThrowsAsync<DurableStoreException>(() => engine.Client.ScheduleNewOrchestrationInstanceAsync("Large", new string('y', 500_000)));
        Assert.Equal(StoreFault.Full, refused.Fault);
        Assert.Contains("Free disk space", refused.Message, StringComparison.Ordinal);

        // Only now may the answer come: in a group behind one that does not fit, the room would never be made.
        await SetRoomAsync("1000000");
        full.Release();

        Assert.Equal(500_000, (await engine.EndOf(id)).ReadOutputAs<string>()!.Length);

        async Task SetRoomAsync(string pages)
        {
            // The limit of the connection stands in for the disk's; it is no part of the transaction that carries it.
            for (var set = false; !set;)
                try
                {
                    await engine.Engine.Store.Commits.RequestAsync(tables =>
                    {
                        var room = tables.Database.Number($"SELECT {pages}");
                        tables.Database.Run(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"PRAGMA max_page_count={room}"));
                        return 0;
                    }, then: null, CancellationToken.None);
                    set = true;
                }
                catch (DurableStoreException)
                {
                    // It came in a group that did not fit; what it set stays set.
                }
        }
    }

    /// <summary>Orchestrations of every kind, whose outputs say whether anything was lost or counted twice.</summary>
    sealed class Mix
    {
        public static readonly string[] Names = ["Sequence", "Fan", "Timer", "Event", "Again", "Nested", "Entity"];

        int invocations;

        public bool IsWaiting(string id) => int.Parse(id[(id.IndexOf('-', StringComparison.Ordinal) + 1)..], System.Globalization.CultureInfo.InvariantCulture) % Names.Length == 3;

        public void Register(DurableTaskRegistry tasks) => tasks
            .AddOrchestratorFunc<int, int>("Sequence", async (context, _) =>
            {
                var seen = new List<int>();
                for (var i = 0; i < 6; i++)
                    seen.Add(await context.CallActivityAsync<int>("Unique"));
                return seen.Distinct().Count();
            })
            .AddOrchestratorFunc<int, int>("Fan", async (context, _) =>
                (await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => context.CallActivityAsync<int>("Unique")))).Distinct().Count())
            .AddOrchestratorFunc<int, int>("Timer", async (context, _) =>
            {
                for (var i = 0; i < 4; i++)
                    await context.CreateTimer(TimeSpan.FromMilliseconds(5), CancellationToken.None);
                return 1;
            })
            .AddOrchestratorFunc<int, string>("Event", (context, _) => context.WaitForExternalEvent<string>("go"))
            .AddOrchestratorFunc<int, int>("Again", async (context, count) =>
            {
                await context.CallActivityAsync<int>("Unique");
                if (count < 1005)
                    context.ContinueAsNew(Math.Max(count, 1000) + 1);
                return count;
            })
            .AddOrchestratorFunc<int, int>("Nested", async (context, _) =>
                (await Task.WhenAll(Enumerable.Range(0, 3).Select(i => context.CallSubOrchestratorAsync<int>("Sequence", i)))).Sum())
            .AddOrchestratorFunc<int, int>("Entity", async (context, _) =>
            {
                var mine = new EntityInstanceId("Tally", context.InstanceId);
                for (var i = 0; i < 5; i++)
                    await context.Entities.CallEntityAsync(mine, "Add", 1);
                return await context.Entities.CallEntityAsync<int>(mine, "Get");
            })
            .AddEntity<Tally>("Tally")
            .AddActivityFunc("Unique", _ => Interlocked.Increment(ref invocations));

        public async Task RequireAllEndedAsync(TestEngine engine, IEnumerable<string> ids)
        {
            foreach (var id in ids)
            {
                if (IsWaiting(id))
                    await engine.Client.RaiseEventAsync(id, "go", id);
                var end = await engine.EndOf(id);
                Assert.True(end.RuntimeStatus == OrchestrationRuntimeStatus.Completed, $"{end} {end.FailureDetails?.ErrorMessage}");
                var expected = end.Name switch
                {
                    "Sequence" => "6",
                    "Fan" => "10",
                    "Timer" => "1",
                    "Event" => $"\"{id}\"",
                    "Again" => "1005",
                    "Nested" => "18",
                    _ => "5",
                };
                Assert.Equal((end.Name, expected), (end.Name, end.SerializedOutput));
            }
        }

        sealed class Tally : TaskEntity<int>
        {
            public void Add(int by) => State += by;

            public int Get() => State;
        }
    }
}
