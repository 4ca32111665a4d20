using Microsoft.AspNetCore.Http;

namespace AiOs.Local.Hosting.Durable.Management;

/// <summary>A request to the management API, before it is served.</summary>
/// <param name="Http">The request and its response.</param>
/// <param name="Operation">What is asked for: <c>status</c>, <c>list</c>, <c>raiseEvent</c>, <c>terminate</c>, ...</param>
/// <param name="Subject">The instance, orchestrator or entity that it is about, as it stands in the address; null for many.</param>
/// <param name="Changes">Whether it changes anything.</param>
public sealed record ManagementCall(HttpContext Http, string Operation, string? Subject, bool Changes);

/// <summary>Decides who may use the management API: calls <paramref name="serve"/> for those who may, and answers the others itself.</summary>
public delegate Task ManagementGate(ManagementCall call, Func<Task> serve);
