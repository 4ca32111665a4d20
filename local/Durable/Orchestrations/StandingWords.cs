using AiOs.Local.Durable.Histories;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.Durable.Orchestrations;

/// <summary>How an execution stands, in words that a replay is compared by.</summary>
static class StandingWords
{
    /// <summary>Where such a difference is.</summary>
    public const string Where = "after the last decision";

    /// <summary>The difference between how an execution stood and how its replay stands; null when there is none.</summary>
    public static (string Expected, string Came)? Difference(Standing expected, Standing came, ReplayStrictness strictness)
    {
        var (one, other) = (Of(expected), Of(came));
        if (!string.Equals(one, other, StringComparison.Ordinal))
            return (one, Why(came) is { } reason ? $"{other} ({reason})" : other);
        return strictness == ReplayStrictness.Payloads && !string.Equals(Payload(expected), Payload(came), StringComparison.Ordinal)
            ? With(one, Divergence.Clip(Payload(expected) ?? "", Payload(came) ?? ""))
            : null;
    }

    static (string, string) With(string words, (string Expected, string Came) payloads) => ($"{words} with {payloads.Expected}", $"{words} with {payloads.Came}");

    static string Of(Standing standing) => standing switch
    {
        Ended { Status: OrchestrationRuntimeStatus.Completed } => "that it completed",
        Ended { Status: OrchestrationRuntimeStatus.Failed } => "that it failed",
        Ended => "that it was terminated",
        ContinuedAsNew => "that it continued as new",
        _ => "that it waits",
    };

    static string? Why(Standing standing) => (standing as Ended)?.Failure?.Message;

    static string? Payload(Standing standing) => standing switch
    {
        Ended { Failure: { } failure } => $"{failure.Type}: {failure.Message}",
        Ended ended => ended.Output,
        ContinuedAsNew { Next: { } next } => next.Input,
        _ => null,
    };
}
