using AiOs.Local.Durable;
using AiOs.Local.Durable.Storage;
using AiOs.Local.Tests.Durable.Disks;
using Microsoft.DurableTask;
using SQLitePCL;
using static AiOs.Local.Tests.Durable.Disks.Survivors;

namespace AiOs.Local.Tests.Durable;

/// <summary>The engine on a disk that loses its power.</summary>
public sealed class PowerLossTests
{
    const int Orchestrations = 28;

    [Theory, InlineData(1, 4000), InlineData(2, 5), InlineData(3, 25), InlineData(4, 4000), InlineData(5, 5), InlineData(6, 100)]
    public async Task Power_that_goes_at_any_instant_takes_nothing_that_was_acknowledged(int seed, int checkpointPages)
    {
        using var disk = new TestDisk(seed);
        var witness = new Witness(Orchestrations);
        var losses = new PowerLosses(disk, witness, Orchestrations, count: 10);
        await losses.WorkAsync(checkpointPages);

        Assert.Empty(witness.Faults());
        Assert.Empty(await losses.FaultsAsync());
    }

    [Theory, InlineData(7, 4000), InlineData(8, 5)]
    public async Task Power_that_goes_while_changes_come_one_at_a_time_takes_nothing_that_was_acknowledged(int seed, int checkpointPages)
    {
        using var disk = new TestDisk(seed);
        var witness = new Witness(Orchestrations);
        var losses = new PowerLosses(disk, witness, Orchestrations, count: 10);
        await losses.WorkAsync(checkpointPages, drive: engine => engine.DriveOneByOneAsync());

        Assert.Empty(witness.Faults());
        Assert.Empty(await losses.FaultsAsync());
    }

    [Fact]
    public async Task A_disk_that_only_says_that_it_synced_is_found_out()
    {
        using var disk = new TestDisk(seed: 1) { Lies = true };
        var witness = new Witness(Orchestrations);
        var losses = new PowerLosses(disk, witness, Orchestrations, count: 10);
        await losses.WorkAsync(checkpointPages: 4000);

        Assert.Empty(witness.Faults());
        Assert.Contains(await losses.FaultsAsync(), fault => fault.Contains("not there after a kill", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_new_file_and_its_log_have_their_names_on_the_medium_before_the_first_start_is_acknowledged()
    {
        using var disk = new TestDisk(seed: 1);
        await using var engine = await ObservedEngine.StartAsync(disk.File("durable.db"), new Witness(1));
        await engine.Engine.Client.ScheduleNewOrchestrationInstanceAsync("nobody");

        for (var i = 0; i < 20; i++)
            Assert.Subset(disk.AfterPowerLoss().Keys.ToHashSet(StringComparer.Ordinal), new HashSet<string>(["durable.db", "durable.db-wal", "durable.db-redo"], StringComparer.Ordinal));
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public async Task Power_that_goes_after_a_kill_between_the_write_and_the_sync_of_the_tables_takes_nothing(int seed)
    {
        using var disk = new TestDisk(seed);
        var options = new DurableEngineOptions { Path = disk.File("durable.db") };
        using (var observer = await KilledBeforeTheTablesAreSyncedAsync(disk, options))
        await using (var second = await TestEngine.StartAsync(options, Hold))
        {
            // The power goes when the second start's log is on the medium and the tables follow.
            var left = new TaskCompletionSource<List<Dictionary<string, byte[]>>>(TaskCreationOptions.RunContinuationsAsynchronously);
            disk.Fail((operation, path) =>
            {
                if (operation == DiskOperation.Write && path.EndsWith("-wal", StringComparison.Ordinal) && !left.Task.IsCompleted)
                    left.TrySetResult([.. Enumerable.Range(0, 5).Select(_ => disk.AfterPowerLoss())]);
                return raw.SQLITE_OK;
            });
            await second.Client.ScheduleNewOrchestrationInstanceAsync("Hold", null, new StartOrchestrationOptions("after"));
            foreach (var files in await left.Task.WaitAsync(TestEngine.Patience))
                await RequireAsync(files, "before", "after");
        }
    }

    // What is acknowledged is in the log; the tables follow, and the process dies before their sync. Another reader keeps SQLite from tidying up, as a kill does.
    static async Task<Sqlite> KilledBeforeTheTablesAreSyncedAsync(TestDisk disk, DurableEngineOptions options)
    {
        var engine = await TestEngine.StartAsync(options, Hold);
        var observer = Sqlite.Open(options.Path!, readOnly: true);
        observer.Number("SELECT count(*) FROM instances");
        disk.Fail((operation, path) =>
        {
            disk.Lies |= operation == DiskOperation.Write && path.EndsWith("-wal", StringComparison.Ordinal);
            return raw.SQLITE_OK;
        });
        await engine.Client.ScheduleNewOrchestrationInstanceAsync("Hold", null, new StartOrchestrationOptions("before"));
        Assert.NotNull(await engine.Client.GetInstanceAsync("before"));
        await engine.CrashAsync();
        await engine.DisposeAsync();
        disk.Heal();
        Assert.True(disk.Lies);
        disk.Lies = false;
        return observer;
    }

    [Theory, InlineData(0), InlineData(16), InlineData(32), InlineData(4096)]
    public async Task A_log_whose_header_was_torn_costs_nothing(int bytes)
    {
        using var folder = new TemporaryFolder();
        var witness = new Witness(7);
        await using (var engine = await ObservedEngine.StartAsync(folder.File("durable.db"), witness))
            await engine.DriveAsync();
        var torn = new byte[bytes];
        new Random(7).NextBytes(torn);
        byte[] magic = [0x37, 0x7f, 0x06, 0x82];
        magic.AsSpan(0, Math.Min(4, bytes)).CopyTo(torn);
        await File.WriteAllBytesAsync(folder.File("durable.db-wal"), torn);

        await using (var engine = await ObservedEngine.StartAsync(folder.File("durable.db"), witness))
            await engine.AuditAsync();
        Assert.Empty(witness.Faults());
    }
}
