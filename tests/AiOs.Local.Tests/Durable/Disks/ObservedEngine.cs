using AiOs.Local.CommandLine.Crash;
using AiOs.Local.Durable;
using AiOs.Local.Durable.Storage;

namespace AiOs.Local.Tests.Durable.Disks;

/// <summary>An engine with the drill's orchestrations, and a caller who tries again what he is told could not be written.</summary>
sealed class ObservedEngine : IAsyncDisposable
{
    static long lives;

    readonly Witness witness;
    readonly WorkerOrders orders;
    int refusals;

    ObservedEngine(TestEngine engine, Witness witness) => (Engine, this.witness, orders) = (engine, witness, new(engine.Client, witness.Say));

    public TestEngine Engine { get; }

    /// <summary>How often a caller was told that the disk does not take it.</summary>
    public int Refusals => Volatile.Read(ref refusals);

    public static async Task<ObservedEngine> StartAsync(string path, Witness witness)
    {
        var life = Interlocked.Increment(ref lives).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var work = new MixedWork(new Executions(life, new SemaphoreSlim(int.MaxValue), witness.Say));
        return new(await TestEngine.StartAsync(new DurableEngineOptions { Path = path, WarmInstances = 10 }, work.Register), witness);
    }

    /// <summary>Moves the log into the database after so many pages, so that a short test sees it too.</summary>
    public Task CheckpointAsync(int pages) => Engine.Engine.Store.Commits.RequestAsync(tables =>
    {
        tables.Database.Run(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"PRAGMA wal_autocheckpoint={pages}"));
        return 0;
    }, then: null, CancellationToken.None);

    /// <summary>Gives it all the work that is not done and waits for the end of it.</summary>
    public Task DriveAsync() => Task.WhenAll(witness.Ledger.All.Where(i => !i.Settled).Select(DriveAsync)).WaitAsync(3 * TestEngine.Patience);

    /// <summary>Gives it the work one orchestration after the other, so that most changes come alone.</summary>
    public async Task DriveOneByOneAsync()
    {
        foreach (var instance in witness.Ledger.All.Where(i => !i.Settled).ToList())
            await DriveAsync(instance).WaitAsync(TestEngine.Patience);
    }

    async Task DriveAsync(Tracked instance)
    {
        if (!instance.Acknowledged)
            await InsistAsync(() => orders.StartAsync(instance.Id, instance.Kind, instance.Number, CancellationToken.None));
        var end = InsistAsync(() => orders.ResumeAsync(instance.Id, CancellationToken.None));
        while (instance.NextEvent is { } name)
            await InsistAsync(() => orders.RaiseAsync(instance.Id, name, CancellationToken.None));
        await end;
    }

    async Task InsistAsync(Func<Task> call)
    {
        while (true)
            try
            {
                await call();
                return;
            }
            catch (DurableStoreException refused) when (refused.MayPass)
            {
                Interlocked.Increment(ref refusals);
            }
    }

    /// <summary>Everything that is in the tables, for the witness to judge.</summary>
    public Task AuditAsync() => InsistAsync(() => orders.AuditAsync(CancellationToken.None));

    public ValueTask DisposeAsync() => Engine.DisposeAsync();
}
