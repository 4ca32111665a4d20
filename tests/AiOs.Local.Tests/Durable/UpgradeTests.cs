using AiOs.Local.Durable;
using AiOs.Local.Durable.Histories;
using AiOs.Local.Durable.Storage;
using AiOs.Local.Tests.Durable.Disks;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using SQLitePCL;
using static AiOs.Local.Tests.Durable.Disks.Survivors;

namespace AiOs.Local.Tests.Durable;

/// <summary>The file and the log of the version before, taken over on disks that fail or lose their power meanwhile.</summary>
public sealed class UpgradeTests
{
    static readonly string[] old = ["settled", "logged-1", "logged-2", "logged-3"];

    [Fact]
    public async Task Power_that_goes_at_any_instant_of_taking_a_file_over_takes_nothing()
    {
        var instants = new List<(string[] Acknowledged, Dictionary<string, byte[]> Left)>();
        List<string> acknowledged = [.. old];
        using var disk = new TestDisk(seed: 1);
        await WriteAsync(disk, await OldFilesAsync());
        disk.BeforeChange = () => instants.AddRange(Enumerable.Range(0, 2).Select(_ => (acknowledged.ToArray(), disk.AfterPowerLoss())));
        await using (var engine = await TestEngine.StartAsync(new DurableEngineOptions { Path = disk.File("durable.db") }, Hold))
            foreach (var id in new[] { "after-1", "after-2", "after-3" })
            {
                await BeginAsync(engine, id);
                lock (disk.Gate)
                    acknowledged.Add(id);
            }
        disk.BeforeChange = () => { };

        Assert.True(instants.Count > 20, "The disk was hardly used.");
        await Parallel.ForEachAsync(instants, new ParallelOptions { MaxDegreeOfParallelism = 10 }, async (instant, _) => await RequireAsync(instant.Left, instant.Acknowledged));
    }

    [Fact]
    public async Task A_disk_that_fails_once_while_a_file_is_taken_over_costs_nothing_even_when_the_power_goes_later()
    {
        var files = await OldFilesAsync();
        var refused = 0;
        for (var (operation, reached) = (0, true); reached; operation++)
        {
            using var disk = new TestDisk(seed: operation);
            await WriteAsync(disk, files);
            var options = new DurableEngineOptions { Path = disk.File("durable.db") };
            var count = 0;
            disk.Fail((kind, _) => count++ != operation ? raw.SQLITE_OK : kind == DiskOperation.Sync ? raw.SQLITE_IOERR_FSYNC : raw.SQLITE_IOERR);
            try
            {
                await using var first = await TestEngine.StartAsync(options, Hold);
                reached = count > operation;
                disk.Heal();
            }
            catch (DurableStoreException failure)
            {
                Assert.True(failure.MayPass, failure.Message);
                refused++;
            }
            disk.Heal();
            await RequireAsync(disk.AfterPowerLoss(), old);
            if (operation % 8 == 0)
                using (var read = HistoryFile.Open(options.Path))
                    Assert.Equal(old, read.InstanceIds());
            await using (var second = await TestEngine.StartAsync(options, Hold))
            {
                await BeginAsync(second, "after");
                await RequireAsync(disk.AfterPowerLoss(), [.. old, "after"]);
            }
            await RequireAsync(disk.AfterPowerLoss(), [.. old, "after"]);
        }
        Assert.True(refused > 5, "The start hardly used the disk.");
    }

    // One settled, the others in the log alone; the write-ahead log of the tables is still there, as a kill leaves it.
    static async Task<Dictionary<string, byte[]>> OldFilesAsync()
    {
        using var disk = new TestDisk(seed: 1);
        var options = new DurableEngineOptions { Path = disk.File("durable.db") };
        await using var engine = await TestEngine.StartAsync(options, Hold);
        await BeginAsync(engine, old[0]);
        await engine.Client.GetInstanceAsync(old[0]);
        using var observer = Sqlite.Open(options.Path, readOnly: true);
        observer.Number("SELECT count(*) FROM instances");
        disk.Fail((operation, path) => operation == DiskOperation.Write && !path.EndsWith("-redo", StringComparison.Ordinal) ? raw.SQLITE_FULL : raw.SQLITE_OK);
        foreach (var id in old.Skip(1))
            await BeginAsync(engine, id);
        await engine.CrashAsync();
        await engine.DisposeAsync();
        disk.Heal();
        Assert.Equal(old.Length - 1, RedoLogTests.SignAsVersion2(options.Path));
        return Directory.EnumerateFiles(disk.Folder, "durable.db*").Where(path => !path.EndsWith("-shm", StringComparison.Ordinal) && !path.EndsWith(".lock", StringComparison.Ordinal))
            .ToDictionary(path => Path.GetFileName(path), Content);
    }

    static byte[] Content(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var content = new byte[file.Length];
        file.ReadExactly(content);
        return content;
    }

    static async Task WriteAsync(TestDisk disk, Dictionary<string, byte[]> files)
    {
        foreach (var (name, content) in files)
        {
            await File.WriteAllBytesAsync(disk.File(name), content);
            disk.Opened(disk.File(name), created: false, syncsFolder: false);
        }
    }

    static Task<string> BeginAsync(TestEngine engine, string id) => engine.Client.ScheduleNewOrchestrationInstanceAsync("Hold", null, new StartOrchestrationOptions(id));
}
