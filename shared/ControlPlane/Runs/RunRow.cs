using System.Text.Json.Serialization;
using AiOs.Security;

namespace AiOs.ControlPlane.Runs;

/// <summary>A run as our projection knows it.</summary>
public sealed record RunRow
{
    /// <summary>Its place in the order of admission; newest is highest.</summary>
    public required long Position { get; init; }

    /// <summary><c>{app}-</c> and 26 base32 characters; the orchestration's instance id.</summary>
    public required string RunId { get; init; }

    /// <summary>The app.</summary>
    public required string App { get; init; }

    /// <summary>The app version.</summary>
    public required string Version { get; init; }

    /// <summary>The plan that it is pinned to; of a deployment the one in force that it builds again, or nothing.</summary>
    public required string PlanDigest { get; init; }

    /// <summary>The blob of the <see cref="Message"/>.</summary>
    public required string MessageRef { get; init; }

    /// <summary>What was asked: two requests with one run id must have the same.</summary>
    public required string RequestDigest { get; init; }

    /// <summary>Its conversation.</summary>
    public required string ConversationId { get; init; }

    /// <summary>Who asked.</summary>
    public required string PrincipalId { get; init; }

    /// <summary>With which roles.</summary>
    public required IReadOnlyList<Role> Roles { get; init; }

    /// <summary>Which way it came in.</summary>
    public required string Channel { get; init; }

    /// <summary>W3C trace context of the request.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Where it is.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>What it waits for.</summary>
    public WaitingFor? WaitingFor { get; init; }

    /// <summary>When it was admitted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its turn in the conversation came; null while an earlier message is being handled.</summary>
    public DateTimeOffset? ReadyAt { get; init; }

    /// <summary>When its orchestration began.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Why it failed, was rejected or cancelled.</summary>
    public string? Reason => Stored?.Reason;

    internal RunOutcome? Stored { get; init; }

    /// <summary>What it came to so far: the body of a reply about it.</summary>
    public RunOutcome ToOutcome() => (Stored ?? new RunOutcome { RunId = RunId, App = App, Version = Version, Status = Status }) with
    {
        ConversationId = ConversationId, Status = Status, WaitingFor = WaitingFor, Links = Links(),
    };

    /// <summary>The input of its orchestration.</summary>
    public RunStart ToStart() => new(RunId, App, Version, PlanDigest, MessageRef, ConversationId, PrincipalId, Roles, TraceParent);

    Dictionary<string, string> Links()
    {
        var links = new Dictionary<string, string>(StringComparer.Ordinal) { ["self"] = $"/api/runs/{RunId}", ["events"] = $"/api/runs/{RunId}/events" };
        if (!Status.IsTerminal() && Channel != Channels.Deploy)
            links["cancel"] = $"/api/runs/{RunId}/cancel";
        if (WaitingFor is { Kind: "approval", Id: { } approval })
            links["approval"] = $"/api/approvals/{approval}";
        return links;
    }
}

/// <summary>The input of the orchestration RunApp: nothing personal, nothing large.</summary>
public sealed record RunStart(string RunId, string App, string Version, string PlanDigest, string MessageRef, string? ConversationId, string PrincipalId, IReadOnlyList<Role>? Roles, string? TraceParent);

/// <summary>A page of runs, newest first; <paramref name="Next"/> is the <c>after</c> of the next page, null on the last.</summary>
public sealed record RunPage([property: JsonIgnore] IReadOnlyList<RunRow> Rows, string? Next)
{
    /// <summary>The runs as replies show them.</summary>
    public IEnumerable<RunOutcome> Runs => Rows.Select(row => row.ToOutcome());
}
