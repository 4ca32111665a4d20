using System.Text.Json;
using AiOs.ControlPlane.Runs;
using AiOs.Security;

namespace AiOs.ControlPlane.Admission;

/// <summary>A message at the door, not masked yet: it lives only as long as its admission.</summary>
/// <param name="App">The app.</param>
/// <param name="Text">At most 128 KiB of UTF-8.</param>
/// <param name="Attributes">A JSON object, or null.</param>
/// <param name="ConversationId">1 to 64 of <c>A-Z a-z 0-9 . _ -</c>, or null for a new conversation. One that another principal began only an owner or operator may go on with.</param>
/// <param name="Channel">One of <see cref="Channels"/>.</param>
/// <param name="IdempotencyKey">What makes the same submission the same run: the caller's key, a CloudEvent's source and id, an envelope's id, a schedule's instant. Null: every submission is a run.</param>
/// <param name="Principal">Who asks.</param>
/// <param name="TraceParent">W3C trace context.</param>
public sealed record Submission(string App, string Text, JsonElement? Attributes, string? ConversationId, string Channel, string? IdempotencyKey, Principal Principal, string? TraceParent)
{
    /// <summary>The longest text, in bytes of UTF-8.</summary>
    public const int MaxTextBytes = 128 * 1024;

    /// <summary>The largest attributes, in bytes of JSON.</summary>
    public const int MaxAttributesBytes = 128 * 1024;

    /// <summary>The largest attributes after masking (tokens are longer than what they stand for), in bytes of JSON: they travel through the run's history.</summary>
    public const int MaxMaskedAttributesBytes = 40 * 1024;

    /// <summary>What is said of attributes with a personal member name.</summary>
    public const string PersonalName = "has a member whose name holds personal data; names are not masked, so send it as a value.";
}

/// <summary>What the door says.</summary>
public enum AdmissionOutcome
{
    /// <summary>A new run.</summary>
    Created,

    /// <summary>The run that the same request made before.</summary>
    Existing,

    /// <summary>The idempotency key was used for another request.</summary>
    Conflict,

    /// <summary>There is no such app.</summary>
    UnknownApp,

    /// <summary>An operator has stopped the app, or everything.</summary>
    Refused,

    /// <summary>The plan in force is lost or damaged; <see cref="Admitted.Reason"/> says so.</summary>
    Unusable,

    /// <summary>The caller is too fast.</summary>
    TooMany,

    /// <summary>A field is wrong; <see cref="Admitted.Field"/> says which.</summary>
    Invalid,

    /// <summary>A field is too large; <see cref="Admitted.Field"/> says which.</summary>
    TooLarge,
}

/// <summary>The answer at the door.</summary>
/// <param name="Outcome">What the door says.</param>
/// <param name="Run">The run, where there is one (with <see cref="AdmissionOutcome.Conflict"/>: the one that has the key).</param>
/// <param name="StartNow">Whether to schedule the run now; false for an existing run and for one that waits behind another of its conversation.</param>
/// <param name="RetryAfter">When to try again.</param>
/// <param name="Field">The field that is wrong.</param>
/// <param name="Reason">What is wrong, or why it is refused; never the value.</param>
public sealed record Admitted(AdmissionOutcome Outcome, RunRow? Run, bool StartNow, TimeSpan? RetryAfter = null, string? Field = null, string? Reason = null);
