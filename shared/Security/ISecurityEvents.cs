namespace AiOs.Security;

/// <summary>A fact that whoever watches over the installation wants to know; never personal data, never a secret.</summary>
/// <param name="Type">What happened, dotted, past tense: <c>key.created</c>, <c>key.revoked</c>, <c>caller.refused</c>.</param>
/// <param name="At">When.</param>
/// <param name="Principal">The id of the principal that caused it.</param>
/// <param name="Outcome">How it ended: <c>done</c>, <c>refused</c>.</param>
/// <param name="Detail">Names and ids that help to understand it.</param>
public sealed record SecurityEvent(string Type, DateTimeOffset At, string Principal, string Outcome, IReadOnlyDictionary<string, string>? Detail = null);

/// <summary>Where security announces its facts; they are recorded durably before the call returns.</summary>
public interface ISecurityEvents
{
    /// <summary>Records <paramref name="securityEvent"/>; what cannot be recorded throws.</summary>
    ValueTask RaiseAsync(SecurityEvent securityEvent, CancellationToken cancellationToken);
}
