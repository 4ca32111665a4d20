using System.Data;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Dapper;

namespace AiOs.ControlPlane.Runs;

public sealed partial class Runs
{
    const string EventColumns = "sequence AS Sequence, run_id AS RunId, step AS Step, attempt AS Attempt, kind AS Kind, outcome AS Outcome, started_at AS StartedAt, ended_at AS EndedAt, facts AS Facts";

    /// <summary>Writes a line of the timeline; (run, step, attempt) is its key. What is there already is left alone, what changed moves to the end of the sequence.</summary>
    public async Task RecordAsync(RunEvent runEvent, CancellationToken cancellationToken)
    {
        var record = EventRecord.Of(runEvent);
        await database.WriteAsync(IsolationLevel.ReadCommitted, async (connection, transaction) =>
        {
            // INVARIANT: the row of the run is locked first, so no two lines of a run get one number.
            await connection.ExecuteAsync("UPDATE runs SET run_id = run_id WHERE run_id = @RunId", record, transaction);
            return await connection.ExecuteAsync("""
                INSERT INTO run_events (run_id, sequence, step, attempt, kind, outcome, started_at, ended_at, facts)
                VALUES (@RunId, (SELECT COALESCE(MAX(sequence), 0) + 1 FROM run_events WHERE run_id = @RunId), @Step, @Attempt, @Kind, @Outcome, @StartedAt, @EndedAt, @Facts)
                ON CONFLICT (run_id, step, attempt) DO UPDATE
                SET sequence = excluded.sequence, kind = excluded.kind, outcome = excluded.outcome, started_at = excluded.started_at, ended_at = excluded.ended_at, facts = excluded.facts
                WHERE run_events.outcome <> excluded.outcome OR run_events.kind <> excluded.kind OR COALESCE(run_events.ended_at, 0) <> COALESCE(excluded.ended_at, 0)
                   OR COALESCE(run_events.facts, '') <> COALESCE(excluded.facts, '')
                """, record, transaction);
        }, cancellationToken);
        signals.Pulse(runEvent.RunId);
    }

    /// <summary>The lines after number <paramref name="after"/>, in order.</summary>
    public async Task<IReadOnlyList<RunEvent>> EventsAsync(string runId, long after, CancellationToken cancellationToken) =>
        [.. (await database.ReadAsync(connection => connection.QueryAsync<EventRecord>(
            $"SELECT {EventColumns} FROM run_events WHERE run_id = @runId AND sequence > @after ORDER BY sequence", new { runId, after }), cancellationToken)).Select(record => record.ToEvent())];

    /// <summary>The lines after number <paramref name="after"/> as they come, until the run is over. Ends at once where there is no such run.</summary>
    public async IAsyncEnumerable<RunEvent> FollowAsync(string runId, long after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var watch = signals.Begin(runId);
        for (var pause = TimeSpan.FromMilliseconds(25); ; pause = Least(pause * 2, LongestPause))
        {
            var changed = watch.Next;
            // The row is read before the lines: what an ended run has recorded is complete.
            var row = await GetAsync(runId, cancellationToken);
            foreach (var line in await EventsAsync(runId, after, cancellationToken))
            {
                after = line.Sequence;
                pause = TimeSpan.FromMilliseconds(25);
                yield return line;
            }

            if (row is null || row.Status.IsTerminal())
                yield break;
            await SignalOrPauseAsync(changed, pause, cancellationToken);
        }
    }

    sealed class EventRecord
    {
        public long Sequence { get; set; }
        public string RunId { get; set; } = "";
        public string Step { get; set; } = "";
        public long Attempt { get; set; }
        public string Kind { get; set; } = "";
        public string Outcome { get; set; } = "";
        public long StartedAt { get; set; }
        public long? EndedAt { get; set; }
        public string? Facts { get; set; }

        public static EventRecord Of(RunEvent e) => new()
        {
            RunId = e.RunId, Step = e.Step, Attempt = e.Attempt, Kind = e.Kind, Outcome = e.Outcome, StartedAt = RunRecord.Milliseconds(e.StartedAt),
            EndedAt = e.EndedAt is { } ended ? RunRecord.Milliseconds(ended) : null, Facts = e.Facts?.GetRawText(),
        };

        public RunEvent ToEvent() => new(Sequence, RunId, Step, (int)Attempt, Kind, Outcome, RunRecord.Time(StartedAt), RunRecord.Time(EndedAt), Facts is null ? null : JsonElement.Parse(Facts));
    }
}
