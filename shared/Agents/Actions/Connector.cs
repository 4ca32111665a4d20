using System.Text.Json;

namespace AiOs.Agents.Actions;

/// <summary>One call to the outside world, as an app's connectors.yaml declares it; part of the plan.</summary>
public sealed record Connector
{
    /// <summary>System and call, for example <c>payments.payout</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What is sent.</summary>
    public required ConnectorRequest Request { get; init; }

    /// <summary>What it does to the world.</summary>
    public required Effect Effect { get; init; }

    /// <summary>What happens when it is sent twice.</summary>
    public required Idempotency Idempotency { get; init; }

    /// <summary>How long one attempt may take, connecting included.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often and how patiently it is tried.</summary>
    public RetryOptions Retry { get; init; } = new(1, TimeSpan.FromMilliseconds(200));

    /// <summary>How to find out whether it happened; required with <see cref="Idempotency.Probe"/>.</summary>
    public ConnectorProbe? Probe { get; init; }
}

/// <summary>
/// A request template. In <paramref name="Url"/> <c>${NAME}</c> (capitals) is a setting of the installation and any other <c>${...}</c> is CEL, percent-encoded; the host never comes from CEL.
/// A header is text, in which <c>secret:name</c> (alone or after a scheme, as in <c>Bearer secret:name</c>) is a secret granted to the app. In <paramref name="Body"/> every string is CEL, or
/// <c>reveal(arguments.x)</c> for the original of a masked argument. CEL sees <c>arguments</c>, <c>run {id}</c>, <c>app {name}</c>, and in an undo also <c>result</c>, the answer of the action that is undone.
/// </summary>
public sealed record ConnectorRequest(string Method, string Url, IReadOnlyDictionary<string, string> Headers, JsonElement? Body = null);

/// <summary>A harmless request that tells whether an action happened: <paramref name="Done"/> is CEL over <c>response {status, body}</c> (and what the request sees) and gives a bool.</summary>
/// <param name="Request">Usually a GET.</param>
/// <param name="Done">For example <c>size(response.body.payouts) &gt; 0</c>.</param>
/// <param name="Result">CEL for the action's result where it happened; null takes the whole body.</param>
public sealed record ConnectorProbe(ConnectorRequest Request, string Done, string? Result = null);

/// <summary>Attempts in all (1 = no retry) and the first pause; later pauses double.</summary>
public sealed record RetryOptions(int Attempts, TimeSpan Backoff);

/// <summary>What a connector does to the world.</summary>
public enum Effect
{
    /// <summary>Nothing; it may be sent again at will.</summary>
    Reads,

    /// <summary>It changes something that can be put right.</summary>
    Writes,

    /// <summary>It changes something for good; it has no undo.</summary>
    Irreversible,
}

/// <summary>What makes sending again safe.</summary>
public enum Idempotency
{
    /// <summary>The server honours <c>Idempotency-Key</c>.</summary>
    Key,

    /// <summary>Doing it twice is doing it once.</summary>
    Natural,

    /// <summary>Nothing, but a probe tells whether it happened.</summary>
    Probe,

    /// <summary>Nothing: it is never sent twice, in doubt a person is asked.</summary>
    None,
}
