using AiOs.Local.Durable.Histories;
using AiOs.Local.Durable.Storage;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.Durable.Orchestrations;

/// <summary>One execution of an orchestrator in memory: its waiting code, fed with events, and what it decides upon each.</summary>
sealed class Execution
{
    readonly InstanceRow row;
    readonly ITaskOrchestrator orchestrator;
    readonly DurableEngine engine;
    readonly OrchestratorThread thread;
    readonly Queue<HistoryEvent> whileSuspended = [];
    OrchestrationContext? context;
    ExecutionTerminated? terminated;
    Task<object?>? code;
    (int Number, HistoryEvent? Happened) latest;
    int events;
    bool suspended;
    bool replaying;
    bool strayed;

    public Execution(InstanceRow row, ITaskOrchestrator orchestrator, DurableEngine engine, Action onStray)
    {
        (this.row, this.orchestrator, this.engine) = (row, orchestrator, engine);
        thread = new(onStray);
    }

    OrchestrationContext Context => context ?? throw new InvalidOperationException("The execution has not started.");

    /// <summary>What the code sees; null before the start.</summary>
    public OrchestrationContext? StartedContext => context;

    /// <summary>The last moment of the code, UTC ticks.</summary>
    public long At { get; private set; }

    /// <summary>Lets the code do again what one stored transition says; the last one of all goes to its end.</summary>
    /// <exception cref="NonDeterministicOrchestrationException">It did something else.</exception>
    public void Replay(long at, HistoryBatch batch, ReplayStrictness strictness = ReplayStrictness.Decisions)
    {
        Begin(at, replaying: true);
        foreach (var happened in batch.Consumed)
            Take(happened);
        if (batch.Decided is [.., ExecutionCompleted])
            _ = Conclude();
        if (Divergence.Find(batch.Decided, context?.Decisions ?? [], strictness) is { } other)
            throw NonDeterministicOrchestrationException.Diverged(
                row.Name, row.Id, EventPlace.Decision(events + other.Index + 1, other.Decision), other.Expected, other.Came ?? NothingMore);
    }

    string NothingMore => code switch
    {
        { IsFaulted: true } => $"nothing: it had failed ({code.Exception.InnerExceptions[0].Message})",
        { IsCompleted: true } => "nothing: it had ended",
        _ => "nothing",
    };

    /// <summary>Lets the code go on with new events; returns those that count, which are to be stored.</summary>
    public List<HistoryEvent> Play(long now, List<HistoryEvent> events)
    {
        Begin(Math.Max(now, Earliest(events)), replaying: false);
        var counted = new List<HistoryEvent>(events.Count);
        foreach (var happened in events)
            if (happened is OrchestratorStrayed)
                strayed = true;
            else if (Counts(happened))
            {
                counted.Add(happened);
                Take(happened);
            }
        return counted;
    }

    void Begin(long at, bool replaying)
    {
        At = Math.Max(At, at);
        this.replaying = replaying;
        events += context?.Decisions.Count ?? 0;
        context?.Begin(At, replaying);
    }

    void Take(HistoryEvent happened)
    {
        latest = (++events, happened);
        Process(happened);
    }

    /// <summary>What the code was last told.</summary>
    public EventPlace Place => EventPlace.Of(latest.Number, latest.Happened);

    // The code never sees a timer fire before its time, whatever the resolution of the clock.
    long Earliest(List<HistoryEvent> events)
    {
        var earliest = 0L;
        foreach (var happened in events)
            earliest = Math.Max(earliest, happened switch
            {
                ExecutionStarted { NotBefore: { } first } => first,
                TimerFired fired when context?.Open.GetValueOrDefault(fired.TaskId)?.FireAt is { } due => due,
                _ => 0,
            });
        return earliest;
    }

    // An answer that came twice, to a cancelled task or to an earlier execution counts for nothing.
    bool Counts(HistoryEvent happened) => happened switch
    {
        TaskAnswered answer when !Context.Open.ContainsKey(answer.TaskId) => false,
        EntityReplied reply when reply.Generation != Context.Generation => false,
        TaskAnswered answer when suspended => !whileSuspended.Any(other => other is TaskAnswered same && same.TaskId == answer.TaskId),
        _ => terminated is null,
    };

    void Process(HistoryEvent happened)
    {
        if (suspended && happened is not (ExecutionResumed or ExecutionTerminated))
        {
            if (happened is not ExecutionSuspended)
                whileSuspended.Enqueue(happened);
            return;
        }
        switch (happened)
        {
            case ExecutionStarted started:
                Start(started);
                break;
            case ExecutionTerminated end:
                terminated = end;
                break;
            case ExecutionSuspended:
                suspended = true;
                break;
            case ExecutionResumed:
                suspended = false;
                while (!suspended && whileSuspended.TryDequeue(out var held))
                    Process(held);
                break;
            case EventRaised raised:
                if (Context.Events.Raise(raised.Name, raised.Input) is { } wake)
                    thread.Complete(wake);
                break;
            case TaskAnswered answer when Context.Open.Remove(answer.TaskId, out var task):
                if (task.FireAt is not null)
                    Context.SpentTimers.Add(task);
                thread.Complete(() => Answer(task, answer));
                break;
        }
    }

    void Start(ExecutionStarted started)
    {
        var begun = context = new OrchestrationContext(row, started.Generation, thread, engine, () => Place);
        begun.Begin(At, replaying);
        thread.Run(() => code = RunAsync(begun));
        foreach (var carried in started.Carried ?? [])
            Process(carried);
    }

    async Task<object?> RunAsync(OrchestrationContext begun)
    {
        try
        {
            begun.Input = engine.Options.DataConverter.Deserialize(row.Input, orchestrator.InputType);
            return await orchestrator.RunAsync(begun, begun.Input);
        }
        finally
        {
            if (thread.IsCurrent)
                begun.ReleaseLocks();
        }
    }

    static void Answer(OpenTask task, TaskAnswered answer)
    {
        switch (answer)
        {
            case TaskCompleted done:
                task.Complete(done.Result);
                break;
            case SubOrchestrationCompleted done:
                task.Complete(done.Result);
                break;
            case TaskFailed failed:
                task.Fail(failed.Failure.ToException(task.Name, task.Id));
                break;
            case SubOrchestrationFailed failed:
                task.Fail(failed.Failure.ToException(task.Name, task.Id));
                break;
            case EntityReplied { Failure: { } failure }:
                task.Fail(new EntityFailure(failure));
                break;
            case EntityReplied reply:
                task.Complete(reply.Result);
                break;
            default:
                task.Complete(null);
                break;
        }
    }

    /// <summary>How things stand after a turn.</summary>
    public Standing Conclude()
    {
        var standing = Look();
        if (standing is Ended && context is not null)
            thread.Run(context.ReleaseLocks);
        return standing;
    }

    Standing Look()
    {
        if (terminated is not null)
            return new Ended(OrchestrationRuntimeStatus.Terminated, terminated.Output, Failure: null, terminated.Recursive);
        if (strayed || thread.HasStrayed)
            return Fail(NonDeterministicOrchestrationException.LeftContext(row.Name, row.Id, Place, "code that went on outside its turn"));
        if (code is null)
            return new Going(OrchestrationRuntimeStatus.Pending);
        if (!code.IsCompleted)
            return Context.Open.Count == 0 && !Context.Events.AnyWaiter && !suspended
                ? Fail(NonDeterministicOrchestrationException.LeftContext(row.Name, row.Id, Place, "code that waits for nothing that its context gave"))
                : Waiting;
        if (Context.Open.Values.Any(task => task.Holds))
            return Waiting;
        if (code.IsFaulted)
            return Fail(code.Exception.InnerExceptions[0]);
        if (code.IsCanceled)
            return Fail(Cancellation(code));
        return Context.Next is { } next ? new ContinuedAsNew(next, next.KeepEvents ? Context.Events.Unclaimed() : []) : Complete(code);
    }

    Ended Complete(Task<object?> ended)
    {
        try
        {
            // The task is completed: nothing blocks here.
            var output = Context.Limits.Payload(Context.Converter.Serialize(ended.GetAwaiter().GetResult()), "output");
            return new(OrchestrationRuntimeStatus.Completed, output, Failure: null, Recursive: false);
        }
        catch (Exception unwritable)
        {
            return Fail(unwritable);
        }
    }

    Going Waiting => new(suspended ? OrchestrationRuntimeStatus.Suspended : OrchestrationRuntimeStatus.Running);

    static Exception Cancellation(Task task)
    {
        try
        {
            task.GetAwaiter().GetResult();
            return new TaskCanceledException(task);
        }
        catch (OperationCanceledException cancelled)
        {
            return cancelled;
        }
    }

    static Ended Fail(Exception failure) => new(OrchestrationRuntimeStatus.Failed, null, Failure.From(failure), Recursive: false) { Cause = failure };
}

/// <summary>Code ran where it may not. Never stored: it only makes the instance take a turn.</summary>
sealed record OrchestratorStrayed : HistoryEvent;

/// <summary>How an execution stands.</summary>
abstract record Standing;

/// <summary>It waits.</summary>
sealed record Going(OrchestrationRuntimeStatus Status) : Standing;

/// <summary>It starts over, with the events that nobody has waited for.</summary>
sealed record ContinuedAsNew(NextExecution Next, List<EventRaised> Carried) : Standing;

/// <summary>It is over. A recursive end takes open sub-orchestrations along.</summary>
sealed record Ended(OrchestrationRuntimeStatus Status, string? Output, Failure? Failure, bool Recursive) : Standing
{
    /// <summary>The exception behind a failure, for the log.</summary>
    public Exception? Cause { get; init; }
}
