using System.Globalization;
using AiOs.Functions.Http;
using AiOs.Governance;
using AiOs.Local.Hosting.Durable.Management;
using AiOs.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Local.CommandLine;

/// <summary>Durable's management API for whoever may do everything, and nobody else. Each change is on the record before it is made.</summary>
sealed class BreakGlass(ClientKeys keys, ISecurityEvents security, UnknownCallers unknown, AuditLog audit, TimeProvider clock)
{
    const string Name = "durable-management";

    /// <inheritdoc cref="ManagementGate"/>
    public static Task PassAsync(ManagementCall call, Func<Task> serve) => ActivatorUtilities.CreateInstance<BreakGlass>(call.Http.RequestServices).LetAsync(call, serve);

    async Task LetAsync(ManagementCall call, Func<Task> serve)
    {
        var aborted = call.Http.RequestAborted;
        var key = PresentedKey.Of(call.Http.Request);
        if (key is null || await keys.FindAsync(key, aborted) is not { } principal)
        {
            if (key is not null) await unknown.RefusedAsync(key, Name, aborted);
            await AnswerAsync(call.Http, Problem.Unauthorized());
        }
        else if (!principal.May(Permission.ManageDurable))
        {
            await security.RaiseAsync(new("caller.refused", clock.GetUtcNow(), principal.Id, "refused", new Dictionary<string, string>(StringComparer.Ordinal) { ["function"] = Name }), aborted);
            await AnswerAsync(call.Http, Problem.Forbidden($"This needs the permission '{Permission.ManageDurable}', which the roles of this key do not give."));
        }
        else if (!call.Changes)
            await serve();
        else
        {
            await audit.AppendAsync(Entry(call, principal, "intended"), aborted);
            await serve();
            await audit.AppendAsync(Entry(call, principal, call.Http.Response.StatusCode.ToString(CultureInfo.InvariantCulture)), CancellationToken.None);
        }
    }

    AuditEntry Entry(ManagementCall call, Principal by, string outcome) => new(
        "durable." + call.Operation, clock.GetUtcNow(), RunId: null, Step: null, by.Id, ArgumentsDigest: null, PolicyVersion: null, outcome,
        call.Subject is { } subject ? new Dictionary<string, string>(StringComparer.Ordinal) { ["subject"] = subject } : null);

    static Task AnswerAsync(HttpContext http, Problem problem) => problem.ToResult().ExecuteResultAsync(new ActionContext(http, http.GetRouteData(), new ActionDescriptor()));
}
