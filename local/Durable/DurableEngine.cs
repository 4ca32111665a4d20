using System.Collections.Concurrent;
using AiOs.Local.Durable.Activities;
using AiOs.Local.Durable.Clients;
using AiOs.Local.Durable.Determinism;
using AiOs.Local.Durable.Entities;
using AiOs.Local.Durable.Histories;
using AiOs.Local.Durable.Orchestrations;
using AiOs.Local.Durable.Storage;
using AiOs.Local.Durable.Timers;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace AiOs.Local.Durable;

/// <summary>
/// Durable orchestrations, activities and entities in this process, on one SQLite file. What was acknowledged is on disk, what was
/// under way goes on after a crash: docs/engine.md says what is promised and how it is done.
/// </summary>
public sealed class DurableEngine : IAsyncDisposable
{
    static readonly TimeSpan settling = TimeSpan.FromSeconds(2);

    readonly CancellationTokenSource stopping = new();
    readonly WorkQueue orchestrationQueue;
    readonly WorkQueue entityQueue;
    readonly EngineClient client;
    DurableStore? store;
    TimerService? timers;
    readonly Lock ending = new();
    Task? end;
    bool stopped;

    /// <summary>An engine for the tasks in <paramref name="registry"/>; <see cref="StartAsync"/> opens its file and sets it to work.</summary>
    public DurableEngine(DurableTaskRegistry registry, IServiceProvider services, DurableEngineOptions options, ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(registry);
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(loggers);
        options.Validate();
        (Tasks, Services, Options, Loggers) = (new(registry), services, options, loggers);
        Log = loggers.CreateLogger("AiOs.Local.Durable");
        Limits = new(options);
        orchestrationQueue = new(options.MaxConcurrentOrchestrations);
        entityQueue = new(options.MaxConcurrentEntities);
        Orchestrations = new(options.WarmInstances, orchestrationQueue, key => new OrchestrationInstance(key, this));
        Entities = new(options.WarmInstances, entityQueue, key => new EntityInstance(key, this));
        Activities = new(this);
        client = new(this);
    }

    /// <summary>The way in. Usable once the engine has started.</summary>
    public DurableTaskClient Client => client;

    /// <summary>Whether there is an orchestrator of that name, in the version that starts have by default.</summary>
    internal bool KnowsOrchestrator(string name) => Tasks.Orchestrator(name, Options.DefaultVersion) is not null;

    /// <summary>Cancelled when the drain time of a stop is over, for activities that are still running.</summary>
    public CancellationToken Stopping => stopping.Token;

    /// <summary>What it has written since it started.</summary>
    public EngineCounts Counts => Store.Commits.Counts;

    internal DurableEngineOptions Options { get; }

    /// <summary>Whether the first start in a process plays the <see cref="Rehearsal"/>, which is itself an engine.</summary>
    internal bool Rehearses { get; init; } = true;

    /// <summary>Opens the log beside the engine's file.</summary>
    internal Func<string, IDiskFile> Files { get; init; } = DiskFile.Open;

    internal IServiceProvider Services { get; }

    internal ILoggerFactory Loggers { get; }

    internal ILogger Log { get; }

    internal Limits Limits { get; }

    internal TaskCatalogue Tasks { get; }

    internal DeterminismGuard Guard { get; } = new();

    internal TimeProvider Clock => Options.TimeProvider;

    internal Residents<HistoryEvent> Orchestrations { get; }

    /// <summary>Orchestrations in memory by instance id, for questions that need no look at the tables.</summary>
    internal ConcurrentDictionary<string, OrchestrationInstance> Known { get; } = new(StringComparer.Ordinal);

    internal Residents<EntityMessage> Entities { get; }

    internal ActivityRunner Activities { get; }

    internal Waiters Waiters { get; } = new();

    internal DurableStore Store => store ?? throw new InvalidOperationException("The durable engine has not been started.");

    internal TimerService Timers => timers ?? throw new InvalidOperationException("The durable engine has not been started.");

    /// <summary>Opens the file and goes on with everything that was under way.</summary>
    /// <exception cref="DurableStoreException">The file is in use, damaged or from a newer engine.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (store is not null || stopped)
            throw new InvalidOperationException("A durable engine starts once.");
        var rehearsal = Rehearses ? Task.Run(Rehearsal.OnceAsync, CancellationToken.None) : Task.CompletedTask;
        store = DurableStore.Open(Options.Path, Files, Log);
        try
        {
            await ResumeAsync(store, cancellationToken);
            await rehearsal.WaitAsync(cancellationToken);
        }
        catch
        {
            // Nobody stops an engine that has not started: the file must be free for the next one.
            await AbandonAsync();
            throw;
        }
        _ = WatchAsync(store.Commits);
    }

    // Goes on with what has no answer yet, what has mail and what has a timer.
    async Task ResumeAsync(DurableStore store, CancellationToken cancellationToken)
    {
        timers = new(this);
        var (tasks, addressees) = await store.ReadAsync(database => (Queries.Tasks(database), Queries.Addressees(database)), cancellationToken);
        foreach (var work in await Recovery.ReadAsync(store, tasks, cancellationToken))
            Activities.Start(work);
        foreach (var key in addressees)
            if (Schema.IsEntity(key))
                Entities.Wake(key);
            else
                Orchestrations.Wake(key);
        await timers.StartAsync();
        Log.EngineStarted(Options.Path ?? "in memory", tasks.Count, addressees.Count);
    }

    /// <summary>
    /// Begins no more activities, lets the running ones finish for <see cref="DurableEngineOptions.DrainTime"/> or until
    /// <paramref name="cancellationToken"/>, then tells them to stop. What did not finish runs again at the next start.
    /// </summary>
    public Task StopAsync(CancellationToken cancellationToken = default)
    {
        lock (ending)
            return end ??= stopped || store is null ? Task.CompletedTask : EndAsync(store, cancellationToken);
    }

    // Whoever stops an engine that is stopping waits for the same end, after which the file is free.
    async Task EndAsync(DurableStore store, CancellationToken cancellationToken)
    {
        stopped = true;
        Activities.Pause();
        await Task.Yield();
        timers?.Dispose();
        await Drained.WaitAsync(() => Activities.Running == 0, Options.DrainTime, cancellationToken);
        await stopping.CancelAsync();

        try
        {
            await SettleAsync(store.Commits, cancellationToken);
        }
        catch (Exception failure)
        {
            // What cannot be written now waits in the file for the next start, which must find it free.
            Log.StopUnsettled(failure);
        }
        orchestrationQueue.Pause();
        entityQueue.Pause();
        Waiters.Close(new OperationCanceledException("The durable engine has stopped."));
        await store.DisposeAsync();
        Log.EngineStopped(Activities.Waiting + Activities.Running);
    }

    // Answers that came are still worked in: a turn may follow a commit that follows a turn.
    async Task SettleAsync(CommitLoop commits, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!commits.Ended.IsCompleted && TimeProvider.System.GetElapsedTime(began) < settling)
        {
            await Drained.WaitAsync(() => orchestrationQueue.IsIdle && entityQueue.IsIdle, settling, cancellationToken);
            var writes = commits.Counts.Changes;
            await commits.RequestAsync(_ => 0, then: null, CancellationToken.None);
            if (orchestrationQueue.IsIdle && entityQueue.IsIdle && commits.Counts.Changes == writes + 1)
                return;
        }
    }

    // Whoever waits for an instance must not wait for ever when nothing can be written any more.
    async Task WatchAsync(CommitLoop commits)
    {
        try
        {
            await commits.Ended;
        }
        catch (Exception fault)
        {
            Waiters.Close(fault);
        }
    }

    /// <summary>The history of an orchestration's latest execution, to be replayed by a <see cref="HistoryReplayer"/>; null when there is no such orchestration.</summary>
    public Task<RecordedHistory?> ReadHistoryAsync(string instanceId, CancellationToken cancellationToken = default) =>
        Store.ReadAsync(database => RecordedHistory.Read(database, instanceId), cancellationToken);

    /// <summary>Drops everything as a crash would: nothing more reaches the disk.</summary>
    internal async Task AbandonAsync()
    {
        stopped = true;
        Activities.Pause();
        orchestrationQueue.Pause();
        entityQueue.Pause();
        timers?.Dispose();
        await Store.AbandonAsync();
        await stopping.CancelAsync();
        Waiters.Close(new OperationCanceledException("The durable engine was abandoned."));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        stopping.Dispose();
    }
}
