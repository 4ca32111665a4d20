namespace AiOs.ControlPlane.Runs;

/// <summary>Tells waiters of this process that something about a run changed. A waiter watches first, reads the row, then waits: no change is missed.</summary>
public sealed class RunSignals
{
    readonly Lock gate = new();
    readonly Dictionary<string, Watched> runs = new(StringComparer.Ordinal);

    /// <summary>Wakes everybody who watches the run.</summary>
    public void Pulse(string runId)
    {
        lock (gate)
        {
            if (!runs.TryGetValue(runId, out var watched))
                return;
            watched.Changed.TrySetResult();
            watched.Changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Starts to watch a run; dispose to stop.</summary>
    internal Watch Begin(string runId)
    {
        lock (gate)
        {
            if (!runs.TryGetValue(runId, out var watched))
                runs[runId] = watched = new();
            watched.Watchers++;
        }

        return new(this, runId);
    }

    internal sealed class Watch(RunSignals signals, string runId) : IDisposable
    {
        /// <summary>Completes at the next change from now on.</summary>
        public Task Next
        {
            get { lock (signals.gate) return signals.runs[runId].Changed.Task; }
        }

        public void Dispose()
        {
            lock (signals.gate)
            {
                if (--signals.runs[runId].Watchers == 0)
                    signals.runs.Remove(runId);
            }
        }
    }

    sealed class Watched
    {
        public int Watchers { get; set; }

        public TaskCompletionSource Changed { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
