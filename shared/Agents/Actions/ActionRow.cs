using System.Text.Json;

namespace AiOs.Agents.Actions;

/// <summary>Where an action is in the ledger.</summary>
public enum ActionState
{
    /// <summary>Wanted; nothing has left the house.</summary>
    Intended,

    /// <summary>A request may have left the house.</summary>
    Sent,

    /// <summary>It happened.</summary>
    Done,

    /// <summary>It was given up.</summary>
    Failed,

    /// <summary>A person must find out.</summary>
    Unknown,
}

/// <summary>One action in the ledger, or the undo of one.</summary>
public sealed record ActionRow
{
    /// <summary>Its idempotency key; the undo of key K is K and <c>.undo</c>.</summary>
    public required string Key { get; init; }

    /// <summary>The run.</summary>
    public required string RunId { get; init; }

    /// <summary>The app.</summary>
    public required string App { get; init; }

    /// <summary>The step's path.</summary>
    public required string Step { get; init; }

    /// <summary>The iteration within loops.</summary>
    public required int Iteration { get; init; }

    /// <summary>The connector's name.</summary>
    public required string Connector { get; init; }

    /// <summary>The arguments, masked.</summary>
    public required JsonElement Arguments { get; init; }

    /// <summary>Who asked for the run.</summary>
    public required string Principal { get; init; }

    /// <summary>The policy that allowed it.</summary>
    public required string PolicyVersion { get; init; }

    /// <summary>Where it is.</summary>
    public required ActionState State { get; init; }

    /// <summary>How many requests may have left the house.</summary>
    public required int Attempts { get; init; }

    /// <summary>The answer, masked.</summary>
    public JsonElement? Result { get; init; }

    /// <summary>Why it did not end well.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether it failed after requests whose fate is not known.</summary>
    public bool MayHaveHappened { get; init; }

    /// <summary>The key of the action that this one undoes.</summary>
    public string? UndoOf { get; init; }

    /// <summary>When it was first wanted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The person who found out what had happened.</summary>
    public string? ResolvedBy { get; init; }

    /// <summary>Whether its outcome is settled (unknown counts: nothing more is sent).</summary>
    public bool HasEnded => State is not (ActionState.Intended or ActionState.Sent);

    internal ActionResult ToResult() => new(State switch
    {
        ActionState.Done => UndoOf is null ? ActionOutcome.Done : ActionOutcome.Undone,
        ActionState.Failed => ActionOutcome.Failed,
        _ => ActionOutcome.Unknown,
    }, Key, Result, Reason, MayHaveHappened);
}
