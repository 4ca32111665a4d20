using System.Data;
using System.Globalization;
using AiOs.ControlPlane.Admission;
using AiOs.ControlPlane.Apps;
using AiOs.DataPlane;
using AiOs.DataPlane.Schedules;
using Dapper;

namespace AiOs.ControlPlane.Schedules;

/// <summary>An occurrence of an app's schedule that is due: the submission's <paramref name="Text"/> and <paramref name="IdempotencyKey"/> (its instant).</summary>
public sealed record DueRun(string App, string Text, DateTimeOffset Instant, string IdempotencyKey)
{
    internal string Schedule { get; init; } = "";
}

/// <summary>
/// Finds what the apps' schedules owe, once an instant. Occurrences of the last two minutes are all due; of what was missed longer ago (the machine was off) only the latest.
/// A schedule begins to count when it is first seen.
/// </summary>
public sealed class ScheduleSweep(Database database, IPlans plans, TimeProvider clock)
{
    static readonly TimeSpan Recent = TimeSpan.FromMinutes(2);

    internal static MigrationSet Migrations { get; } = new("schedules", new Migration(1,
        "CREATE TABLE schedule_marks (app TEXT NOT NULL, schedule TEXT NOT NULL, swept_until BIGINT NOT NULL, PRIMARY KEY (app, schedule))"));

    /// <summary>What is due now, oldest first. Until <see cref="DoneAsync"/> it is due again.</summary>
    public async Task<IReadOnlyList<DueRun>> DueAsync(CancellationToken cancellationToken)
    {
        var due = new List<DueRun>();
        foreach (var app in await plans.ListAsync(cancellationToken))
        {
            // Of a plan that is lost or damaged none is due; they are once it is mended.
            var schedules = (await plans.ReadPlanAsync(app.PlanDigest, cancellationToken)).Plan?.Triggers.Schedules ?? [];
            foreach (var schedule in schedules)
                due.AddRange(await DueAsync(app.App, schedule, schedules.Count > 1, cancellationToken));
        }

        return [.. due.OrderBy(d => d.Instant)];
    }

    /// <summary>The occurrence has its run: it is not due again.</summary>
    public Task DoneAsync(DueRun due, CancellationToken cancellationToken) => database.WriteAsync(IsolationLevel.ReadCommitted, (connection, transaction) => connection.ExecuteAsync(
        "UPDATE schedule_marks SET swept_until = @until WHERE app = @App AND schedule = @Schedule AND swept_until < @until",
        new { due.App, due.Schedule, until = due.Instant.ToUnixTimeMilliseconds() }, transaction), cancellationToken);

    async Task<IReadOnlyList<DueRun>> DueAsync(string app, ScheduleTrigger schedule, bool severalSchedules, CancellationToken cancellationToken)
    {
        var name = $"{schedule.Cron} {schedule.TimeZone}";
        var now = clock.GetUtcNow();
        if (await MarkAsync(app, name, now, cancellationToken) is not { } mark)
            return [];
        var cron = Ncrontab.Parse(schedule.Cron);
        var zone = TimeZoneInfo.FindSystemTimeZoneById(schedule.TimeZone);
        DateTimeOffset? missed = null;
        var due = new List<DateTimeOffset>();
        for (var next = cron.Next(LookBack(cron, zone, mark, now - Recent), zone); next <= now; next = cron.Next(next.Value, zone))
        {
            if (next > now - Recent)
                due.Add(next.Value);
            else
                missed = next;
        }

        if (missed is { } latest)
            due.Insert(0, latest);
        return [.. due.Select(instant =>
        {
            var key = instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            return new DueRun(app, schedule.Text, instant, severalSchedules ? $"{key} {name}" : key) { Schedule = name };
        })];
    }

    /// <summary>An instant from which the latest occurrence up to <paramref name="until"/> is found without walking through all that were missed.</summary>
    static DateTimeOffset LookBack(Ncrontab cron, TimeZoneInfo zone, DateTimeOffset mark, DateTimeOffset until)
    {
        for (var back = TimeSpan.FromMinutes(1); until - back > mark; back *= 4)
            if (cron.Next(until - back, zone) <= until)
                return until - back;
        return mark;
    }

    /// <summary>Until when the schedule was swept; null where it is seen for the first time.</summary>
    async Task<DateTimeOffset?> MarkAsync(string app, string schedule, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var mark = await database.ReadAsync(connection => connection.QuerySingleOrDefaultAsync<long?>(
            "SELECT swept_until FROM schedule_marks WHERE app = @app AND schedule = @schedule", new { app, schedule }), cancellationToken);
        if (mark is null)
            await database.WriteAsync(IsolationLevel.ReadCommitted, (connection, transaction) => connection.ExecuteAsync(
                "INSERT INTO schedule_marks (app, schedule, swept_until) VALUES (@app, @schedule, @now) ON CONFLICT (app, schedule) DO NOTHING",
                new { app, schedule, now = now.ToUnixTimeMilliseconds() }, transaction), cancellationToken);
        return mark is { } value ? DateTimeOffset.FromUnixTimeMilliseconds(value) : null;
    }
}
