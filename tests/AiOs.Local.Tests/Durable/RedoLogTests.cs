using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using AiOs.Local.Durable;
using AiOs.Local.Durable.Histories;
using AiOs.Local.Durable.Storage;
using AiOs.Local.Tests.Durable.Disks;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using SQLitePCL;

namespace AiOs.Local.Tests.Durable;

/// <summary>The log that is written before the tables.</summary>
public sealed class RedoLogTests
{
    [Fact]
    public async Task What_only_the_log_took_is_there_after_a_crash()
    {
        using var disk = new TestDisk(seed: 1);
        var options = new DurableEngineOptions { Path = disk.File("durable.db") };
        await BeginOnLogAloneAsync(disk, options, "waiting");

        await using var after = await TestEngine.StartAsync(options, Tasks);
        await after.Client.RaiseEventAsync("waiting", "go", "on", TestContext.Current.CancellationToken);
        Assert.Equal("on", (await after.EndOf("waiting")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Who_reads_the_file_of_an_engine_that_crashed_finds_what_only_the_log_took()
    {
        using var disk = new TestDisk(seed: 1);
        await BeginOnLogAloneAsync(disk, new DurableEngineOptions { Path = disk.File("durable.db") }, "waiting");

        using var file = HistoryFile.Open(disk.File("durable.db"));

        Assert.Equal("Wait", Assert.Single(file.Read("waiting")).Orchestrator);
    }

    [Theory, InlineData(Schema.Version), InlineData(Schema.WithShaLog)]
    public async Task A_log_that_goes_on_from_newer_tables_is_refused_in_words(int versionOfTables)
    {
        using var disk = new TestDisk(seed: 1);
        var options = new DurableEngineOptions { Path = disk.File("durable.db") };
        await using (var first = await TestEngine.StartAsync(options, Tasks))
            await first.BeginAsync("Wait", null, new StartOrchestrationOptions("old"));
        SetVersion(options.Path, versionOfTables);
        var old = await File.ReadAllBytesAsync(options.Path, TestContext.Current.CancellationToken);
        await BeginOnLogAloneAsync(disk, options, "new");
        File.Delete(options.Path + "-wal");
        await File.WriteAllBytesAsync(options.Path, old, TestContext.Current.CancellationToken);

        var refused = await Assert.ThrowsAsync<DurableStoreException>(() => TestEngine.StartAsync(options, Tasks));

        Assert.Equal(StoreFault.Corrupt, refused.Fault);
        Assert.Equal(refused.Message, Assert.Throws<DurableStoreException>(() => HistoryFile.Open(options.Path)).Message);
        Assert.Contains("Restore both files from the same copy", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_from_before_there_was_a_log_is_taken_over()
    {
        using var folder = new TemporaryFolder();
        var options = new DurableEngineOptions { Path = folder.File("durable.db") };
        await using (var first = await TestEngine.StartAsync(options, Tasks))
            await first.BeginAsync("Wait", null, new StartOrchestrationOptions("waiting"));
        using (var database = Sqlite.Open(options.Path, readOnly: false))
            database.Run("DROP TABLE redo; PRAGMA user_version=1");
        File.Delete(options.Path + "-redo");

        await using var after = await TestEngine.StartAsync(options, Tasks);
        await after.Client.RaiseEventAsync("waiting", "go", "on", TestContext.Current.CancellationToken);
        Assert.Equal("on", (await after.EndOf("waiting")).ReadOutputAs<string>());
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_log_with_the_digests_of_the_version_before_is_taken_over(bool fileIsReadFirst)
    {
        using var disk = new TestDisk(seed: 1);
        var options = new DurableEngineOptions { Path = disk.File("durable.db") };
        await BeginOnLogAloneAsync(disk, options, "waiting");
        Assert.Equal(1, SignAsVersion2(options.Path));
        if (fileIsReadFirst)
            using (var file = HistoryFile.Open(options.Path))
                Assert.Equal("Wait", Assert.Single(file.Read("waiting")).Orchestrator);

        await using (var after = await TestEngine.StartAsync(options, Tasks))
        {
            await after.Client.RaiseEventAsync("waiting", "go", "on", TestContext.Current.CancellationToken);
            Assert.Equal("on", (await after.EndOf("waiting")).ReadOutputAs<string>());
        }
        using var database = Sqlite.Open(options.Path, readOnly: true);
        Assert.Equal(Schema.Version, Schema.VersionOf(database));
    }

    // Of version 2: the first 16 bytes of SHA-256 over the file's id, the digest before it (zeros before the first) and the record without its digest. Returns how many records there were.
    internal static int SignAsVersion2(string path)
    {
        SetVersion(path, Schema.WithShaLog);
        using var database = Sqlite.Open(path, readOnly: true);
        var id = Schema.Redo(database).Id;
        var log = File.ReadAllBytes(path + "-redo");
        var (chain, before, at, records) = (new RecordChain(id, Schema.Version), new byte[16], 0, 0);
        while (log.AsMemory(at, 36 + BinaryPrimitives.ReadInt32LittleEndian(log.AsSpan(at))) is var record && chain.TryFollow(record.Span))
        {
            before = SHA256.HashData([.. id, .. before, .. record.Span[..20], .. record.Span[36..]])[..16];
            before.CopyTo(record[20..]);
            (at, records) = (at + record.Length, records + 1);
        }
        File.WriteAllBytes(path + "-redo", log);
        return records;
    }

    static void SetVersion(string path, int version)
    {
        using var database = Sqlite.Open(path, readOnly: false);
        database.Run(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version={version}"));
    }

    // SQLite's files refuse to be written from the engine's first settled change on.
    static async Task BeginOnLogAloneAsync(TestDisk disk, DurableEngineOptions options, string id)
    {
        await using var engine = await TestEngine.StartAsync(options, Tasks);
        await engine.BeginAsync("Wait", null, new StartOrchestrationOptions(id + "-before"));
        await engine.Client.GetInstanceAsync(id + "-before", TestContext.Current.CancellationToken);
        disk.Fail((operation, path) => operation == DiskOperation.Write && !path.EndsWith("-redo", StringComparison.Ordinal) ? raw.SQLITE_FULL : raw.SQLITE_OK);
        await engine.Client.ScheduleNewOrchestrationInstanceAsync("Wait", null, new StartOrchestrationOptions(id));
        await engine.CrashAsync();
        disk.Heal();
    }

    static void Tasks(DurableTaskRegistry tasks) => tasks
        .AddOrchestratorFunc("Wait", context => context.WaitForExternalEvent<string>("go", CancellationToken.None));
}
