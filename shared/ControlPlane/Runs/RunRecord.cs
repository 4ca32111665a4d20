using System.Text.Json;
using AiOs.DataPlane;
using AiOs.Security;

namespace AiOs.ControlPlane.Runs;

/// <summary>A row of the table runs, as Dapper reads and writes it.</summary>
sealed class RunRecord
{
    public const string Columns = """
        position AS Position, run_id AS RunId, app AS App, version AS Version, plan_digest AS PlanDigest, message_ref AS MessageRef, request_digest AS RequestDigest,
        conversation_id AS ConversationId, principal_id AS PrincipalId, roles AS Roles, channel AS Channel, trace_parent AS TraceParent, status AS Status,
        waiting_for AS WaitingFor, outcome AS Outcome, created_at AS CreatedAt, ready_at AS ReadyAt, started_at AS StartedAt, ended_at AS EndedAt
        """;

    public long Position { get; set; }
    public string RunId { get; set; } = "";
    public string App { get; set; } = "";
    public string Version { get; set; } = "";
    public string PlanDigest { get; set; } = "";
    public string MessageRef { get; set; } = "";
    public string RequestDigest { get; set; } = "";
    public string ConversationId { get; set; } = "";
    public string PrincipalId { get; set; } = "";
    public string Roles { get; set; } = "";
    public string Channel { get; set; } = "";
    public string? TraceParent { get; set; }
    public string Status { get; set; } = "";
    public string? WaitingFor { get; set; }
    public string? Outcome { get; set; }
    public long CreatedAt { get; set; }
    public long? ReadyAt { get; set; }
    public long? StartedAt { get; set; }
    public long? EndedAt { get; set; }

    public RunRow ToRow() => new()
    {
        Position = Position, RunId = RunId, App = App, Version = Version, PlanDigest = PlanDigest, MessageRef = MessageRef, RequestDigest = RequestDigest, ConversationId = ConversationId,
        PrincipalId = PrincipalId, Channel = Channel, TraceParent = TraceParent,
        Roles = [.. Roles.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(AiOs.Security.Roles.Find).OfType<Role>()],
        Status = RunStatuses.Find(Status) ?? throw new InvalidDataException($"Run {RunId} has the unknown status {Status}."),
        WaitingFor = FromJson<WaitingFor>(WaitingFor), Stored = FromJson<RunOutcome>(Outcome),
        CreatedAt = Time(CreatedAt), ReadyAt = Time(ReadyAt), StartedAt = Time(StartedAt), FinishedAt = Time(EndedAt),
    };

    public static RunRecord Of(RunRow row) => new()
    {
        RunId = row.RunId, App = row.App, Version = row.Version, PlanDigest = row.PlanDigest, MessageRef = row.MessageRef, RequestDigest = row.RequestDigest, ConversationId = row.ConversationId,
        PrincipalId = row.PrincipalId, Channel = row.Channel, TraceParent = row.TraceParent, Roles = string.Join(',', row.Roles.Select(role => role.Name())),
        Status = row.Status.ToWire(), WaitingFor = ToJson(row.WaitingFor), CreatedAt = Milliseconds(row.CreatedAt), ReadyAt = row.ReadyAt is { } ready ? Milliseconds(ready) : null,
    };

    public static long Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    public static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    public static DateTimeOffset? Time(long? milliseconds) => milliseconds is { } value ? Time(value) : null;

    public static string? ToJson<T>(T? value) where T : class => value is null ? null : JsonSerializer.Serialize(value, AiOsJson.Options);

    public static T? FromJson<T>(string? json) where T : class => json is null ? null : JsonSerializer.Deserialize<T>(json, AiOsJson.Options);
}
