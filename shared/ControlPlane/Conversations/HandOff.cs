namespace AiOs.ControlPlane.Conversations;

/// <summary>Where a hand-off stands.</summary>
public enum HandOffStatus
{
    /// <summary>Nobody has taken it yet.</summary>
    Open,

    /// <summary>A person looks after it.</summary>
    Taken,

    /// <summary>It is dealt with.</summary>
    Closed,
}

/// <summary>Why a conversation goes to a person.</summary>
public enum HandOffReason
{
    /// <summary>The customer asked for one.</summary>
    Asked,

    /// <summary>The message is in a language that the app does not read.</summary>
    Language,

    /// <summary>The customer corrects what has been acted on already.</summary>
    Correction,
}

/// <summary>A conversation that waits for a person, or has one. At most one of a conversation is not closed.</summary>
/// <param name="Id"><c>hof-</c> and 26 base32 characters.</param>
/// <param name="App">The app.</param>
/// <param name="ConversationId">The conversation; its messages are the runs with this id.</param>
/// <param name="RunId">The run that asked for the person.</param>
/// <param name="Role">Who may take it; an owner always may.</param>
/// <param name="Reason">Why.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="CreatedAt">When it was opened.</param>
/// <param name="TakenBy">The id of the person.</param>
/// <param name="TakenAt">When the person took it.</param>
/// <param name="ClosedAt">When it was dealt with.</param>
public sealed record HandOff(string Id, string App, string ConversationId, string RunId, string Role, HandOffReason Reason, HandOffStatus Status, DateTimeOffset CreatedAt, string? TakenBy, DateTimeOffset? TakenAt, DateTimeOffset? ClosedAt);
