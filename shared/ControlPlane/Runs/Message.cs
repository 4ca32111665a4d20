using System.Text.Json;

namespace AiOs.ControlPlane.Runs;

/// <summary>What came in, masked; kept as the blob <see cref="RunStart.MessageRef"/>.</summary>
/// <param name="Text">The text, masked.</param>
/// <param name="Attributes">An object with masked strings.</param>
/// <param name="Channel"><see cref="Channels"/>.</param>
/// <param name="ReceivedAt">When it was admitted.</param>
public sealed record Message(string Text, JsonElement? Attributes, string Channel, DateTimeOffset ReceivedAt)
{
    /// <summary>What a model that read the message says of its fields, by name, in English; null where none did.</summary>
    public IReadOnlyDictionary<string, string>? Given { get; init; }
}

/// <summary>The ways in.</summary>
public static class Channels
{
    /// <summary><c>POST /api/apps/{app}/messages</c>.</summary>
    public const string Http = "http";

    /// <summary>An envelope from the queue.</summary>
    public const string Queue = "queue";

    /// <summary>A CloudEvent.</summary>
    public const string Event = "event";

    /// <summary>A schedule of the app.</summary>
    public const string Schedule = "schedule";

    /// <summary><c>PUT /api/apps/{app}</c>: the run of a deployment.</summary>
    public const string Deploy = "deploy";
}
