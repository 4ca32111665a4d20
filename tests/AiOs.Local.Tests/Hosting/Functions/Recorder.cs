namespace AiOs.Local.Tests.Hosting;

/// <summary>What functions under test report, and how a test waits for it.</summary>
public sealed class Recorder
{
    readonly Lock gate = new();
    readonly List<string> notes = [];
    readonly List<(Func<IReadOnlyList<string>, bool> Holds, TaskCompletionSource Done)> waiting = [];

    /// <summary>What the queue function does with a job; nothing unless a test says so.</summary>
    public Func<Job, CancellationToken, Task> OnJob { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>What timer functions do.</summary>
    public Action<string> OnTimer { get; set; } = _ => { };

    public IReadOnlyList<string> Notes
    {
        get
        {
            lock (gate)
                return [.. notes];
        }
    }

    public void Note(string note)
    {
        lock (gate)
        {
            notes.Add(note);
            foreach (var (_, done) in waiting.Where(w => w.Holds(notes)))
                done.TrySetResult();
        }
    }

    /// <summary>Completes when <paramref name="count"/> notes begin with <paramref name="prefix"/>.</summary>
    public Task WaitAsync(string prefix, int count = 1)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (Holds(notes))
                return Task.CompletedTask;
            waiting.Add((Holds, done));
        }
        return done.Task.WaitAsync(TimeSpan.FromMinutes(2));

        bool Holds(IReadOnlyList<string> all) => all.Count(n => n.StartsWith(prefix, StringComparison.Ordinal)) >= count;
    }
}

public sealed record Job(string Name, int Size = 0);

/// <summary>A scoped service that tells when its scope ends.</summary>
public sealed class ScopedThing(Recorder recorder) : IDisposable
{
    public string Id { get; } = Guid.NewGuid().ToString("N");

    public void Dispose() => recorder.Note($"disposed {Id}");
}
