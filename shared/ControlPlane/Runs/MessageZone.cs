using System.Text.Json;
using AiOs.ControlPlane.Conversations;

namespace AiOs.ControlPlane.Runs;

/// <summary>Where the author of a message lives: "yesterday" and "the 14th" count from there.</summary>
public static class MessageZone
{
    /// <summary>The attribute of a message, and the field of its conversation, that names the time zone by its IANA name (<c>Europe/Berlin</c>).</summary>
    public const string Name = "timeZone";

    /// <summary>The zone that the message names, else the one that its conversation has; UTC where neither does or there is no such zone.</summary>
    public static TimeZoneInfo Of(JsonElement? attributes, Conversation? thread) =>
        Named(attributes) ?? (thread is not null && thread.Fields.TryGetValue(Name, out var known) ? Zone(known) : null) ?? TimeZoneInfo.Utc;

    /// <summary>The zone that the message itself names; null where it names none that exists.</summary>
    public static TimeZoneInfo? Named(JsonElement? attributes) => attributes is { ValueKind: JsonValueKind.Object } given && given.TryGetProperty(Name, out var named) ? Zone(named) : null;

    static TimeZoneInfo? Zone(JsonElement name) =>
        name.ValueKind == JsonValueKind.String && name.GetString() is { Length: > 0 and <= 60 } id && TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) ? zone : null;
}
