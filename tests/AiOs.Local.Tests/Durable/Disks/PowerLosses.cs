using AiOs.Local.Durable.Storage;

namespace AiOs.Local.Tests.Durable.Disks;

/// <summary>Instants at which the power might have gone, picked evenly from all changes that a disk was asked for: what was acknowledged by then, and what is left on the medium.</summary>
sealed class PowerLosses
{
    readonly List<(List<string[]> Told, Dictionary<string, byte[]> Left)> instants = [];
    readonly TestDisk disk;
    readonly Witness witness;
    readonly int orchestrations;

    public PowerLosses(TestDisk disk, Witness witness, int orchestrations, int count)
    {
        (this.disk, this.witness, this.orchestrations) = (disk, witness, orchestrations);
        var seen = 0;
        disk.BeforeChange = () =>
        {
            // Reservoir sampling (Vitter's algorithm R); what was told first, so that nothing is asked of the medium that came after it.
            var place = disk.Random.Next(++seen);
            if (instants.Count < count)
                instants.Add((witness.Told(), disk.AfterPowerLoss()));
            else if (place < count)
                instants[place] = (witness.Told(), disk.AfterPowerLoss());
        };
    }

    /// <summary>Does all the work once, on the disk. It may begin to fail when everything is <paramref name="ready"/>; at the end it is well.</summary>
    /// <param name="drive">How the work is given to the engine; all at once unless said otherwise.</param>
    public async Task WorkAsync(int checkpointPages, Action? ready = null, Func<ObservedEngine, Task>? drive = null)
    {
        await using (var engine = await ObservedEngine.StartAsync(disk.File("durable.db"), witness))
        {
            await engine.CheckpointAsync(checkpointPages);
            ready?.Invoke();
            await (drive ?? (e => e.DriveAsync()))(engine);
            disk.Heal();
            await engine.AuditAsync();
        }
        disk.BeforeChange = () => { };
    }

    /// <summary>Goes on from every one of them to the end of the work; returns what is wrong.</summary>
    public async Task<List<string>> FaultsAsync()
    {
        var faults = new List<string>();
        await Parallel.ForEachAsync(instants, new ParallelOptions { MaxDegreeOfParallelism = 10 }, async (instant, _) =>
        {
            var found = await GoOnAsync(instant.Told, instant.Left);
            lock (faults)
                faults.AddRange(found.Select(fault => $"after {instant.Told.Count} acts: {fault}"));
        });
        return faults;
    }

    async Task<List<string>> GoOnAsync(List<string[]> told, Dictionary<string, byte[]> left)
    {
        using var folder = new TemporaryFolder();
        foreach (var (name, content) in left)
            await File.WriteAllBytesAsync(folder.File(name), content);
        var after = Witness.After(orchestrations, told);
        try
        {
            await using var engine = await ObservedEngine.StartAsync(folder.File("durable.db"), after);
            await engine.DriveAsync();
            await engine.AuditAsync();
        }
        catch (Exception failure) when (failure is DurableStoreException or TimeoutException)
        {
            return [failure.Message, .. after.Faults().Take(3)];
        }
        return after.Faults();
    }
}
