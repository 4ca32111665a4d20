using System.Diagnostics;

namespace AiOs.Functions;

/// <summary>How a trace crosses from a request into its run.</summary>
static class Tracing
{
    /// <summary>The W3C traceparent of the current span, or null outside one.</summary>
    public static string? Parent() => Activity.Current is { IdFormat: ActivityIdFormat.W3C } current ? current.Id : null;
}
