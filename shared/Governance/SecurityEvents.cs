using AiOs.Security;

namespace AiOs.Governance;

/// <summary>Security's facts, in the audit log.</summary>
public sealed class SecurityEvents(AuditLog audit) : ISecurityEvents
{
    /// <inheritdoc/>
    public async ValueTask RaiseAsync(SecurityEvent securityEvent, CancellationToken cancellationToken) => await audit.AppendAsync(
        new AuditEntry("security." + securityEvent.Type, securityEvent.At, RunId: null, Step: null, securityEvent.Principal, ArgumentsDigest: null, PolicyVersion: null, securityEvent.Outcome, securityEvent.Detail),
        cancellationToken);
}
