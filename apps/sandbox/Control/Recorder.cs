using System.Text.Json;

namespace AiOs.Sandbox.Control;

/// <summary>One request as it came in. <paramref name="Headers"/> have lower-case names; <paramref name="Effect"/> says whether it changed the world.</summary>
public sealed record RecordedRequest(long Sequence, DateTimeOffset At, string Method, string Path, string Query, string? Key, IReadOnlyDictionary<string, string> Headers, JsonElement? Body,
    BehaviourMode Mode, int Status, bool Effect);

/// <summary>One change of the world. <paramref name="Path"/> is the endpoint's template, <paramref name="Subject"/> what it happened to (a claim number, a card, a service, ...).</summary>
public sealed record Effect(long Sequence, DateTimeOffset At, string Path, string Subject, string? Key, JsonElement? Body);

/// <summary>Remembers requests and effects, in memory and, where there is a journal, in an append-only file that outlives the process.</summary>
sealed class Recorder(string? journal, TimeProvider clock) : IDisposable
{
    readonly Lock gate = new();
    readonly List<RecordedRequest> requests = [];
    readonly List<Effect> effects = [];
    readonly FileStream? file = journal is null ? null : new(journal, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);

    /// <summary>Remembers one request and, if it had one, its effect; the journal line is written when this returns.</summary>
    public void Add(Call call, BehaviourMode mode, Reply reply, string? subject)
    {
        lock (gate)
        {
            var (sequence, at) = (requests.Count + 1, clock.GetUtcNow());
            requests.Add(new(sequence, at, call.Method, call.Path, call.Query, call.Key, call.Headers, call.Body, mode, reply.Status, subject is not null));
            if (subject is not null)
                effects.Add(new(effects.Count + 1, at, call.Template, subject, call.Key, call.Body));
            if (file is null)
                return;
            var line = new { sequence, at, method = call.Method, path = call.Path, endpoint = call.Template, query = call.Query, key = call.Key, mode, status = reply.Status, effect = subject is not null, subject, body = call.Body };
            file.Write([.. JsonSerializer.SerializeToUtf8Bytes(line, SandboxServer.Json), (byte)'\n']);
        }
    }

    public IReadOnlyList<RecordedRequest> Requests(string? path)
    {
        lock (gate)
            return [.. requests.Where(r => path is null || Behaviour.Covers(path, r.Path))];
    }

    public IReadOnlyList<Effect> Effects(string? path)
    {
        lock (gate)
            return [.. effects.Where(e => path is null || e.Path == path)];
    }

    /// <summary>Forgets requests and effects (not the journal).</summary>
    public void Clear()
    {
        lock (gate)
        {
            requests.Clear();
            effects.Clear();
        }
    }

    public void Dispose() => file?.Dispose();
}
