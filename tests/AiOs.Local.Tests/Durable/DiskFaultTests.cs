using AiOs.Local.CommandLine.Crash;
using AiOs.Local.Durable;
using AiOs.Local.Durable.Storage;
using AiOs.Local.Tests.Durable.Disks;
using Microsoft.DurableTask;
using SQLitePCL;

namespace AiOs.Local.Tests.Durable;

/// <summary>The engine on a disk that refuses, fills up, is damaged or is not there.</summary>
public sealed class DiskFaultTests
{
    const int Orchestrations = 28;

    [Theory, InlineData(11, 4000), InlineData(12, 5), InlineData(13, 25), InlineData(14, 100)]
    public async Task A_disk_that_fails_now_and_then_delays_the_work_and_loses_nothing_even_when_the_power_goes(int seed, int checkpointPages)
    {
        using var disk = new TestDisk(seed);
        var witness = new Witness(Orchestrations);
        var losses = new PowerLosses(disk, witness, Orchestrations, count: 6);
        await losses.WorkAsync(checkpointPages, () => FailNowAndThen(disk, bursts: 8));

        Assert.True(disk.Failures > 0, "The disk never failed.");
        Assert.Empty(witness.Faults());
        Assert.Empty(await losses.FaultsAsync());
    }

    [Theory, InlineData(21, 4000), InlineData(22, 5)]
    public async Task A_disk_that_fails_while_changes_come_one_at_a_time_loses_nothing_even_when_the_power_goes(int seed, int checkpointPages)
    {
        using var disk = new TestDisk(seed);
        var witness = new Witness(Orchestrations);
        var losses = new PowerLosses(disk, witness, Orchestrations, count: 6);
        await losses.WorkAsync(checkpointPages, () => FailNowAndThen(disk, bursts: 8), engine => engine.DriveOneByOneAsync());

        Assert.True(disk.Failures > 0, "The disk never failed.");
        Assert.Empty(witness.Faults());
        Assert.Empty(await losses.FaultsAsync());
    }

    [Fact]
    public async Task A_disk_that_is_full_for_a_while_tells_callers_and_the_work_goes_on_without_a_restart()
    {
        using var disk = new TestDisk(seed: 1);
        var witness = new Witness(Orchestrations);
        await using (var engine = await ObservedEngine.StartAsync(disk.File("durable.db"), witness))
        {
            disk.Fail((operation, _) => operation == DiskOperation.Write && engine.Refusals < 200 ? raw.SQLITE_FULL : raw.SQLITE_OK);
            await engine.DriveAsync();
            await engine.AuditAsync();
            Assert.True(engine.Refusals >= 200);
        }
        Assert.Empty(witness.Faults());
    }

    [Fact]
    public async Task A_start_on_a_disk_that_fails_says_so_and_the_next_start_finds_everything()
    {
        using var disk = new TestDisk(seed: 1);
        var witness = new Witness(7);
        var losses = new PowerLosses(disk, witness, orchestrations: 7, count: 0);
        await losses.WorkAsync(checkpointPages: 4000);
        var refused = 0;
        for (var (operation, reached) = (0, true); reached; operation++)
        {
            var count = 0;
            disk.Fail((_, _) => count++ == operation ? raw.SQLITE_IOERR : raw.SQLITE_OK);
            try
            {
                await using var engine = await ObservedEngine.StartAsync(disk.File("durable.db"), witness);
                reached = count > operation;
                disk.Heal();
            }
            catch (DurableStoreException failure)
            {
                Assert.True(failure.MayPass, failure.Message);
                refused++;
            }
        }
        disk.Heal();
        Assert.True(refused > 5, "The starts hardly used the disk.");

        await using (var engine = await ObservedEngine.StartAsync(disk.File("durable.db"), witness))
            await engine.AuditAsync();
        Assert.Empty(witness.Faults());
    }

    [Fact]
    public async Task A_file_that_a_newer_engine_wrote_is_refused_and_left_as_it_is()
    {
        using var folder = new TemporaryFolder();
        var witness = await FinishedAsync(folder);
        var version = SetVersion(folder, 99);

        var refused = await Assert.ThrowsAsync<DurableStoreException>(() => ObservedEngine.StartAsync(folder.File("durable.db"), witness));
        Assert.Equal(StoreFault.Newer, refused.Fault);
        Assert.Equal(99, SetVersion(folder, version));

        await using (var engine = await ObservedEngine.StartAsync(folder.File("durable.db"), witness))
            await engine.AuditAsync();
        Assert.Empty(witness.Faults());
    }

    [Theory, InlineData(0.5), InlineData(0.01)]
    public async Task A_file_that_was_cut_off_is_refused_in_words_and_left_as_it_is(double share)
    {
        using var folder = new TemporaryFolder();
        var witness = await FinishedAsync(folder);
        var whole = await File.ReadAllBytesAsync(folder.File("durable.db"));
        var cut = whole[..(int)(share * whole.Length)];
        await File.WriteAllBytesAsync(folder.File("durable.db"), cut);

        var refused = await Assert.ThrowsAsync<DurableStoreException>(() => ObservedEngine.StartAsync(folder.File("durable.db"), witness));
        Assert.Equal(StoreFault.Corrupt, refused.Fault);
        Assert.Contains("Restore it from a copy", refused.Message, StringComparison.Ordinal);
        Assert.Equal(cut, await File.ReadAllBytesAsync(folder.File("durable.db")));

        await File.WriteAllBytesAsync(folder.File("durable.db"), whole);
        await using (var engine = await ObservedEngine.StartAsync(folder.File("durable.db"), witness))
            await engine.AuditAsync();
        Assert.Empty(witness.Faults());
    }

    [Fact]
    public async Task A_file_that_is_damaged_while_the_engine_runs_ends_every_wait_with_the_reason()
    {
        using var disk = new TestDisk(seed: 1);
        await using var engine = await ObservedEngine.StartAsync(disk.File("durable.db"), new Witness(7));
        await engine.Engine.BeginAsync("event", new MixedInput(3, []), new StartOrchestrationOptions("event-3"));
        var waiting = engine.Engine.EndOf("event-3");
        disk.Fail((operation, path) => operation == DiskOperation.Write && !path.EndsWith("-redo", StringComparison.Ordinal) ? raw.SQLITE_CORRUPT : raw.SQLITE_OK);

        // The log takes it; the tables, which whoever asks for all instances is shown, do not.
        await engine.Engine.Client.RaiseEventAsync("event-3", "unheard", "x").WaitAsync(TestEngine.Patience);
        var refused = await Assert.ThrowsAsync<DurableStoreException>(() => engine.Engine.Client.GetInstanceAsync("event-3").WaitAsync(TestEngine.Patience));
        Assert.Equal(StoreFault.Corrupt, refused.Fault);
        Assert.Equal(StoreFault.Corrupt, (await Assert.ThrowsAsync<DurableStoreException>(() => waiting)).Fault);
        disk.Heal();
    }

    [Fact]
    public async Task A_stop_on_a_full_disk_frees_the_file_and_the_next_start_goes_on()
    {
        using var disk = new TestDisk(seed: 1);
        var result = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var options = new DurableEngineOptions { Path = disk.File("durable.db") };
        await using (var first = await TestEngine.StartAsync(options, tasks => EntityAnswerTests.Register(tasks, result.Task)))
        {
            await first.BeginAsync("Work", null, new StartOrchestrationOptions("worker"));
            var refused = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            disk.Fail((operation, _) =>
            {
                if (operation != DiskOperation.Write)
                    return raw.SQLITE_OK;
                refused.TrySetResult();
                return raw.SQLITE_FULL;
            });
            result.SetResult("done");
            await refused.Task.WaitAsync(TestEngine.Patience, TestContext.Current.CancellationToken);
        }
        disk.Heal();

        await using var second = await TestEngine.StartAsync(options, tasks => EntityAnswerTests.Register(tasks, result.Task));
        Assert.Equal("done", (await second.EndOf("worker")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task What_was_acknowledged_is_shown_while_the_tables_have_no_room_for_it()
    {
        using var disk = new TestDisk(seed: 1);
        var options = new DurableEngineOptions { Path = disk.File("durable.db") };
        await using var engine = await TestEngine.StartAsync(options, tasks => EntityAnswerTests.Register(tasks, Task.FromResult("done")));
        await engine.RunAsync("Work");
        await engine.Client.GetInstanceAsync("nobody");
        disk.Fail((operation, path) => operation == DiskOperation.Write && !path.EndsWith("-redo", StringComparison.Ordinal) ? raw.SQLITE_FULL : raw.SQLITE_OK);

        await engine.Client.ScheduleNewOrchestrationInstanceAsync("Hold", null, new StartOrchestrationOptions("holder"));

        for (var i = 0; i < 3; i++)
            Assert.NotNull(await engine.Client.GetInstanceAsync("holder").WaitAsync(TestEngine.Patience));
        disk.Heal();
    }

    [Fact]
    public async Task Who_looks_while_somebody_elses_change_finds_no_room_is_answered()
    {
        using var disk = new TestDisk(seed: 1);
        var options = new DurableEngineOptions { Path = disk.File("durable.db") };
        await using var engine = await TestEngine.StartAsync(options, tasks => EntityAnswerTests.Register(tasks, Task.FromResult("done")));
        await engine.RunAsync("Work");
        await engine.Client.GetInstanceAsync("nobody");
        disk.Fail((operation, path) => operation == DiskOperation.Write && !path.EndsWith("-redo", StringComparison.Ordinal) ? raw.SQLITE_FULL : raw.SQLITE_OK);
        await engine.Client.ScheduleNewOrchestrationInstanceAsync("Hold", null, new StartOrchestrationOptions("holder"));
        await engine.Client.GetInstanceAsync("holder").WaitAsync(TestEngine.Patience);

        Task[] refused = [.. Enumerable.Range(0, 200).Select(i => Task.Run(() => engine.Client.RaiseEventAsync("holder", "other", i)))];
        var seen = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(() => engine.Client.GetInstanceAsync("holder")))).WaitAsync(TestEngine.Patience);

        Assert.All(seen, Assert.NotNull);
        await Task.WhenAll(refused).ContinueWith(_ => { }, TaskScheduler.Default).WaitAsync(TestEngine.Patience);
        disk.Heal();
    }

    [Theory, InlineData(0), InlineData(30)]
    public async Task A_call_that_is_written_while_the_engine_is_abandoned_ends(int workBefore)
    {
        using var disk = new TestDisk(seed: 1);
        var options = new DurableEngineOptions { Path = disk.File("durable.db") };
        await using var engine = await TestEngine.StartAsync(options, tasks => EntityAnswerTests.Register(tasks, Task.FromResult("")));
        for (var i = 0; i < workBefore; i++)
            await engine.RunAsync("Work");
        await engine.BeginAsync("Hold", null, new StartOrchestrationOptions("holder"));
        await engine.UntilAsync("holder", seen => seen.SerializedCustomStatus is not null);
        Task? abandoned = null;
        disk.Fail((operation, _) =>
        {
            if (operation == DiskOperation.Sync)
                abandoned ??= engine.CrashAsync();
            return raw.SQLITE_OK;
        });

        var call = Task.Run(() => engine.Client.RaiseEventAsync("holder", "free", "now"), TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<ObjectDisposedException>(() => call.WaitAsync(TestEngine.Patience));
        await abandoned!;
    }

    [Fact]
    public async Task A_file_that_another_program_holds_locked_never_keeps_a_callers_thread()
    {
        using var folder = new TemporaryFolder();
        var options = new DurableEngineOptions { Path = folder.File("durable.db") };
        await using var engine = await TestEngine.StartAsync(options, tasks => EntityAnswerTests.Register(tasks, Task.FromResult("done")));
        for (var i = 0; i < 10; i++)
            await engine.RunAsync("Work");
        engine.Engine.Store.SetPatience(3 * TestEngine.Patience);
        using var other = Sqlite.Open(folder.File("durable.db"), readOnly: false);
        other.Run("BEGIN IMMEDIATE");

        var asked = Task.Factory.StartNew(() => engine.Client.PurgeInstanceAsync("nobody"), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            Assert.False((await asked.WaitAsync(TestEngine.Patience)).IsCompleted);
        }
        finally
        {
            other.Run("ROLLBACK");
        }
        await asked.Unwrap();
    }

    [Fact]
    public async Task Who_stops_an_engine_that_is_stopping_finds_the_file_free_afterwards()
    {
        using var folder = new TemporaryFolder();
        var options = new DurableEngineOptions { Path = folder.File("durable.db") };
        var result = Task.FromResult("done");
        await using (var engine = await TestEngine.StartAsync(options, tasks => EntityAnswerTests.Register(tasks, result)))
            _ = engine.Engine.StopAsync(TestContext.Current.CancellationToken);

        await using var next = await TestEngine.StartAsync(options, tasks => EntityAnswerTests.Register(tasks, result));
        Assert.Equal("done", await next.RunAsync<string>("Work"));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_not_taken_for_one_in_use()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.File("note"), "no folder");

        var refused = await Assert.ThrowsAsync<DurableStoreException>(() => ObservedEngine.StartAsync(folder.File("note/durable.db"), new Witness(1)));
        Assert.Equal(StoreFault.Disk, refused.Fault);
        Assert.Contains("Name a folder", refused.Message, StringComparison.Ordinal);
    }

    static async Task<Witness> FinishedAsync(TemporaryFolder folder)
    {
        var witness = new Witness(7);
        await using var engine = await ObservedEngine.StartAsync(folder.File("durable.db"), witness);
        await engine.DriveAsync();
        return witness;
    }

    // Returns the version that it had.
    static long SetVersion(TemporaryFolder folder, long version)
    {
        using var database = Sqlite.Open(folder.File("durable.db"), readOnly: false);
        var before = database.Number("PRAGMA user_version");
        database.Run(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"PRAGMA user_version={version}"));
        return before;
    }

    // Every fiftieth operation or so fails, and with it up to three after it.
    static void FailNowAndThen(TestDisk disk, int bursts)
    {
        var left = 0;
        disk.Fail((operation, _) =>
        {
            if (left == 0 && bursts > 0 && disk.Random.Next(50) == 0)
                (left, bursts) = (disk.Random.Next(1, 5), bursts - 1);
            if (left == 0)
                return raw.SQLITE_OK;
            left--;
            return operation switch
            {
                DiskOperation.Write => disk.Random.Next(2) == 0 ? raw.SQLITE_FULL : raw.SQLITE_IOERR_WRITE,
                DiskOperation.Sync => raw.SQLITE_IOERR_FSYNC,
                DiskOperation.Truncate => raw.SQLITE_IOERR_TRUNCATE,
                DiskOperation.Read => raw.SQLITE_IOERR_READ,
                DiskOperation.Delete => raw.SQLITE_IOERR_DELETE,
                _ => raw.SQLITE_CANTOPEN,
            };
        });
    }
}
