using AiOs.Local.Durable.Determinism;
using AiOs.Local.Durable.Histories;
using AiOs.Local.Durable.Storage;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Local.Durable.Orchestrations;

/// <summary>One orchestration in memory. While it stays, its waiting code goes on where it stopped; when it has gone, its history brings it back.</summary>
sealed class OrchestrationInstance(long key, DurableEngine engine) : Resident<HistoryEvent>(key)
{
    InstanceRow? row;
    Execution? execution;
    LazyScope? scope;
    ReplayCheck? check;
    int transitions;
    Creation? creation;
    bool isKnown;

    /// <summary>An instance that is not written yet: it will be, with its first turn.</summary>
    public OrchestrationInstance(Creation creation, DurableEngine engine)
        : this(creation.Row, engine) => this.creation = creation;

    /// <summary>An instance whose row was just written.</summary>
    public OrchestrationInstance(InstanceRow row, DurableEngine engine)
        : this(row.Key, engine) => this.row = row;

    /// <summary>What the tables hold of it, once it has taken a turn.</summary>
    public InstanceRow? Row => row;

    protected override async Task TurnAsync()
    {
        var mail = TakeMail();
        if (row is null)
        {
            var stored = await engine.Store.ReadPatientlyAsync(database => StoredInstance.Read(database, Key));
            if (stored is null || stored.Row.IsOver)
            {
                Leave();
                return;
            }
            row = stored.Row;
            Turn(WithInbox(mail, stored.Inbox), stored.History);
        }
        else
            Turn(mail, []);
    }

    void Turn(List<Mail<HistoryEvent>> mail, IReadOnlyList<(long At, HistoryBatch Batch)> history)
    {
        var started = mail.FindIndex(m => m.Message is ExecutionStarted);
        if (execution is null && history.Count == 0 && started < 0 && !mail.Exists(m => m.Message is ExecutionTerminated))
        {
            // It has yet to start: events that came early wait.
            PutBack(mail);
            Done();
            return;
        }
        if (started > 0)
        {
            var first = mail[started];
            mail.RemoveAt(started);
            mail.Insert(0, first);
        }
        transitions = Math.Max(transitions, history.Count);
        var openTimers = execution is null ? TimersOf(history) : [];
        var (events, standing) = Run(mail, history);
        if (events.Count == 0 && standing is Going && !mail.Exists(m => m.Number > 0))
        {
            Done();
            return;
        }
        var context = execution?.StartedContext;
        if (standing is Ended && context is not null)
            openTimers = [.. openTimers, .. context.Open.Values.Where(t => t.FireAt is not null).Select(t => (t.FireAt!.Value, t.Id))];

        // INVARIANT: after Post the next turn may begin at once, on another thread; nothing here is ours any more.
        var transition = new OrchestrationTransition(this, row!, transitions, execution?.At ?? Now, mail, events, context, standing, openTimers, creation, engine);
        creation = null;
        Post(transition);
    }

    long Now => engine.Clock.GetUtcNow().UtcTicks;

    (List<HistoryEvent> Events, Standing Standing) Run(List<Mail<HistoryEvent>> mail, IReadOnlyList<(long At, HistoryBatch Batch)> history)
    {
        List<HistoryEvent> events = [.. mail.Select(m => m.Message)];
        try
        {
            if (execution is null && MakeExecution(history) is { } missing)
                return (events, events.OfType<ExecutionTerminated>().FirstOrDefault() is { } end ? Terminate(end) : missing);
            foreach (var (at, batch) in history)
                execution!.Replay(at, batch);
            events = execution!.Play(Now, events);
            var standing = execution.Conclude();
            return (events, check?.Judge(row!, execution.At, events, execution.StartedContext?.Decisions ?? [], standing) ?? standing);
        }
        catch (Exception failure)
        {
            // The history and the code do not go together: nothing that the code has just decided happens. Whoever wants it ended may still end it.
            execution?.StartedContext?.Begin(execution.At, replaying: false);
            events.RemoveAll(e => e is OrchestratorStrayed);
            return (events, events.OfType<ExecutionTerminated>().FirstOrDefault() is { } end
                ? Terminate(end)
                : Fail(failure));
        }
    }

    static Ended Fail(Exception failure) => new(OrchestrationRuntimeStatus.Failed, null, Failure.From(failure), Recursive: false) { Cause = failure };

    static Ended Terminate(ExecutionTerminated end) => new(OrchestrationRuntimeStatus.Terminated, end.Output, null, end.Recursive);

    // The orchestrator's object; otherwise how the instance ends without one.
    Ended? MakeExecution(IReadOnlyList<(long At, HistoryBatch Batch)> history)
    {
        if (engine.Tasks.Orchestrator(row!.Name, row.Version) is not { } factory)
            return new Ended(OrchestrationRuntimeStatus.Failed, null, TaskCatalogue.Missing("orchestrator", row.Name, row.Version), Recursive: false);
        var services = scope = new LazyScope(engine.Services);
        var orchestrator = factory(services);
        if (history.Count == 0 && engine.Options.Determinism != DeterminismChecks.Off && engine.Guard.Check(orchestrator) is { } offence)
            return Fail(NonDeterministicOrchestrationException.Forbidden(row.Name, row.Id, offence));
        if (engine.Options.Determinism == DeterminismChecks.Replay)
            (check = new(() => factory(services), engine)).Begin(history);
        execution = new Execution(row, orchestrator, engine, () => engine.Orchestrations.Deliver(Key, new(0, new OrchestratorStrayed())));
        if (row!.Status == OrchestrationRuntimeStatus.Pending)
            engine.Log.OrchestrationStarted(row.Name, row.Id);
        return null;
    }

    static List<(long Due, int Id)> TimersOf(IReadOnlyList<(long At, HistoryBatch Batch)> history) =>
        [.. history.SelectMany(h => h.Batch.Decided).OfType<TimerCreated>().Select(t => (t.FireAt, t.TaskId))];

    // The orchestrator's code has had its turn: what the commit makes possible may go on on this thread.
    void Post(OrchestrationTransition transition)
    {
        using var tail = Relay.Open();
        var posted = engine.Store.Commits.PostAsync(transition, CancellationToken.None);
        if (!posted.IsCompletedSuccessfully)
            _ = posted.AsTask();
    }

    /// <summary><see cref="Tables.Removals"/> when a transition of it last found or made its row.</summary>
    public long Removals { get; set; } = -1;

    /// <summary>Whether its row is there. The tables are read for it only where some instance was removed since it was there last.</summary>
    public bool IsIn(Tables tables) => Removals == tables.Removals || tables.StatusOf(Key) is not null;

    /// <summary>A transition is on disk.</summary>
    public void Advance(InstanceRow next, bool newExecution)
    {
        row = next;
        if (!isKnown)
            engine.Known[next.Id] = this;
        isKnown = true;
        if (next.IsOver)
        {
            Leave();
            return;
        }
        transitions = newExecution ? 0 : transitions + 1;
        if (newExecution)
            DropExecution();
        Done();
    }

    /// <summary>The instance was removed while it took a turn.</summary>
    public void Vanish() => Leave();

    void DropExecution()
    {
        (execution, check) = (null, null);
        if (scope is { IsOpen: true } ended)
            _ = DisposeAsync(ended);
        else
            _ = scope?.DisposeAsync();
        scope = null;
    }

    // Off the thread that commits: what is in the scope is not ours.
    async Task DisposeAsync(LazyScope ended)
    {
        await Task.Yield();
        try
        {
            await ended.DisposeAsync();
        }
        catch (Exception failure)
        {
            engine.Log.ScopeUndisposed(failure, Key);
        }
    }

    protected override void OnGone()
    {
        if (row is not null)
            engine.Known.TryRemove(KeyValuePair.Create(row.Id, this));
        DropExecution();
    }

    protected override void Stuck(Exception failure) => Refuse(failure);

    /// <summary>A transition could not be written: memory is ahead of the disk, so memory goes.</summary>
    public void Refuse(Exception failure)
    {
        if (failure is not ObjectDisposedException)
            engine.Log.InstanceStuck(failure, Key);
        creation?.Failed(failure);
        Leave();
    }
}

/// <summary>All that is stored of an instance.</summary>
sealed record StoredInstance(InstanceRow Row, List<(long At, HistoryBatch Batch)> History, List<Mail<HistoryEvent>> Inbox)
{
    public static StoredInstance? Read(Sqlite database, long key)
    {
        if (Queries.Instance(database, key) is not { } row)
            return null;
        return new(row, Queries.History(database, key), [.. Queries.Inbox(database, key).Select(m => new Mail<HistoryEvent>(m.Number, m.Event))]);
    }
}
