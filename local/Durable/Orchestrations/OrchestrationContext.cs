using AiOs.Local.Durable.Histories;
using AiOs.Local.Durable.Storage;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Entities;
using Microsoft.Extensions.Logging;

namespace AiOs.Local.Durable.Orchestrations;

/// <summary>What an orchestrator sees of the engine. Every call becomes a numbered decision; nothing here leaves the process before the turn's rows are on disk.</summary>
sealed class OrchestrationContext : TaskOrchestrationContext
{
    readonly InstanceRow row;
    readonly DurableEngine engine;
    readonly Func<EventPlace> place;
    readonly Retries retries;
    EntityCalls? entities;
    DateTime now;
    bool isReplaying;
    int nextId;
    int guids;

    public OrchestrationContext(InstanceRow row, int generation, OrchestratorThread thread, DurableEngine engine, Func<EventPlace> place)
    {
        (this.row, this.engine, this.place) = (row, engine, place);
        (Generation, Thread) = (generation, thread);
        Events = new(engine.Options.DataConverter);
        retries = new(this);
    }

    public OrchestratorThread Thread { get; }

    public int Generation { get; }

    /// <summary>Events from outside.</summary>
    public ExternalEvents Events { get; }

    /// <summary>What waits for an answer, by decision number.</summary>
    public Dictionary<int, OpenTask> Open { get; } = [];

    /// <summary>What was decided in this turn.</summary>
    public List<Decision> Decisions { get; private set; } = [];

    /// <summary>Timers that were cancelled or fired in this turn.</summary>
    public List<OpenTask> SpentTimers { get; private set; } = [];

    /// <summary>What continue-as-new asked for.</summary>
    public NextExecution? Next { get; private set; }

    /// <summary>The custom status, once one was set in this execution.</summary>
    public (bool IsSet, string? Text) CustomStatus { get; private set; }

    /// <summary>The input as the orchestrator takes it.</summary>
    public object? Input { get; set; }

    public DataConverter Converter => engine.Options.DataConverter;

    public Limits Limits => engine.Limits;

    public override TaskName Name => new(row.Name);

    public override string InstanceId => row.Id;

    public override string Version => row.Version;

    public override ParentOrchestrationInstance? Parent => row.Parent is { } parent ? new(parent.Name, parent.InstanceId) : null;

    public override DateTime CurrentUtcDateTime => now;

    public override bool IsReplaying => isReplaying;

    public override TaskOrchestrationEntityFeature Entities => entities ??= new(this);

    protected override ILoggerFactory LoggerFactory => engine.Loggers;

    /// <summary>A turn begins.</summary>
    public void Begin(long at, bool replaying)
    {
        (now, isReplaying) = (new DateTime(at, DateTimeKind.Utc), replaying);
        Decisions = [];
        SpentTimers = [];
    }

    /// <summary>Gives locks back that the orchestrator still holds.</summary>
    public void ReleaseLocks() => entities?.Exit(section: null);

    public override T? GetInput<T>() where T : default =>
        Input is T typed ? typed : Converter.Deserialize(row.Input, typeof(T)) is T read ? read : default;

    public override Task<TResult> CallActivityAsync<TResult>(TaskName name, object? input = null, TaskOptions? options = null)
    {
        if (input is TaskOptions && options is null)
            throw new ArgumentException("Task options were given as the activity's input. Name the argument: options: ...", nameof(input));
        var version = options?.Version is { } asked ? asked.Version : row.Version;
        var data = Limits.Payload(Converter.Serialize(input), nameof(input));
        return retries.RunAsync(() =>
        {
            var id = NextId();
            return Decide<TResult>(new TaskScheduled(id, name.Name, version.Length > 0 ? version : null, data, options?.Tags), name.Name);
        }, options?.Retry);
    }

    public override Task<TResult> CallSubOrchestratorAsync<TResult>(TaskName orchestratorName, object? input = null, TaskOptions? options = null)
    {
        Durable.Limits.RequireName(orchestratorName, nameof(orchestratorName));
        var child = Durable.Limits.InstanceId((options as SubOrchestrationOptions)?.InstanceId ?? NewGuid().ToString("N"));
        entities?.RequireNoLocks("call a sub-orchestration");
        var version = options?.Version is { } asked ? asked.Version : engine.Options.DefaultVersion;
        var data = Limits.Payload(Converter.Serialize(input), nameof(input));
        return retries.RunAsync(
            () => Decide<TResult>(new SubOrchestrationScheduled(NextId(), orchestratorName.Name, version, child, data, options?.Tags), orchestratorName.Name, child),
            options?.Retry);
    }

    public override Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken)
    {
        var at = fireAt.ToUniversalTime().Ticks;
        var id = NextId();
        var timer = new OpenTask<object?>(Converter) { Id = id, Name = "timer", FireAt = at };
        Decisions.Add(new TimerCreated(id, at));
        Open.Add(id, timer);
        if (cancellationToken.CanBeCanceled)
            cancellationToken.Register(() =>
            {
                if (OnThread() && Open.Remove(id))
                {
                    SpentTimers.Add(timer);
                    timer.Cancel(cancellationToken);
                }
            });
        return timer.Answer;
    }

    public override Task<T> WaitForExternalEvent<T>(string eventName, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        RequireThread();
        return Events.WaitAsync<T>(eventName, cancellationToken, OnThread);
    }

    public override void SendEvent(string instanceId, string eventName, object payload)
    {
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        Durable.Limits.InstanceId(instanceId);
        Decisions.Add(new EventSent(NextId(), instanceId, eventName, Limits.Payload(Converter.Serialize(payload), nameof(payload))));
    }

    public override void SetCustomStatus(object? customStatus)
    {
        RequireThread();
        CustomStatus = (true, Limits.CustomStatus(Converter.Serialize(customStatus)));
    }

    public override void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true) =>
        ContinueAsNew(new ContinueAsNewOptions { NewInput = newInput, PreserveUnprocessedEvents = preserveUnprocessedEvents });

    public override void ContinueAsNew(ContinueAsNewOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        RequireThread();
        var version = string.IsNullOrWhiteSpace(options.NewVersion) ? row.Version : options.NewVersion;
        Next = new(Limits.Payload(Converter.Serialize(options.NewInput), "input"), version, options.PreserveUnprocessedEvents);
    }

    public override Guid NewGuid()
    {
        RequireThread();
        return DeterministicGuid.New(row.Id, now, guids++);
    }

    /// <summary>Records a decision and returns its answer.</summary>
    public Task<T> Decide<T>(Decision decision, string name, string? child = null, bool holds = true)
    {
        var task = new OpenTask<T>(Converter) { Id = decision.TaskId, Name = name, ChildId = child, Holds = holds };
        Decisions.Add(decision);
        Open.Add(decision.TaskId, task);
        return task.Answer;
    }

    /// <summary>The number of the next decision.</summary>
    public int NextId()
    {
        RequireThread();
        return nextId < Schema.MaxNumber
            ? nextId++
            : throw new InvalidOperationException("An execution makes at most 16,777,215 decisions; go on with ContinueAsNew.");
    }

    bool OnThread()
    {
        if (!Thread.IsCurrent)
            Thread.Stray();
        return Thread.IsCurrent;
    }

    void RequireThread()
    {
        if (!OnThread())
            throw new InvalidOperationException(NonDeterministicOrchestrationException.LeftContext(row.Name, row.Id, place(), "a call on another thread").Message);
    }
}

/// <summary>The execution that follows: its input, version, and whether it gets the events that nobody has waited for.</summary>
sealed record NextExecution(string? Input, string Version, bool KeepEvents);
