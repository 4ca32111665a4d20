namespace AiOs.Local.Durable.Orchestrations;

/// <summary>
/// Where one orchestrator's code runs: on whichever thread has its turn, one callback after the other in the order in which they came.
/// A callback from anywhere else means that the orchestrator awaited something that is not durable.
/// </summary>
sealed class OrchestratorThread(Action strayed) : SynchronizationContext
{
    [ThreadStatic]
    static OrchestratorThread? running;

    readonly Queue<(SendOrPostCallback Callback, object? State)> callbacks = [];

    /// <summary>Whether this orchestrator's turn is on the current thread.</summary>
    public bool IsCurrent => running == this;

    /// <summary>Whether a callback came from outside a turn.</summary>
    public bool HasStrayed { get; private set; }

    /// <summary>Notes that the orchestrator's code runs outside its turn.</summary>
    public void Stray()
    {
        HasStrayed = true;
        strayed();
    }

    /// <summary>Runs orchestrator code and all that follows from it until it waits.</summary>
    public void Run(Action code)
    {
        var (context, outer) = (Current, running);
        running = this;
        SetSynchronizationContext(this);
        try
        {
            code();
            while (callbacks.TryDequeue(out var next))
                next.Callback(next.State);
        }
        finally
        {
            running = outer;
            SetSynchronizationContext(context);
        }
    }

    /// <summary>Completes a task of the orchestrator's: awaits of it go to the queue, those with ConfigureAwait(false) run at once, on this thread too.</summary>
    public void Complete(Action completion) => Run(() =>
    {
        SetSynchronizationContext(null);
        try
        {
            completion();
        }
        finally
        {
            SetSynchronizationContext(this);
        }
    });

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (IsCurrent)
            callbacks.Enqueue((d, state));
        else
            Stray();
    }

    public override void Send(SendOrPostCallback d, object? state)
    {
        if (IsCurrent)
            d(state);
        else
            Stray();
    }

    public override SynchronizationContext CreateCopy() => this;
}
