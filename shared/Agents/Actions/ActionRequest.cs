using System.Text.Json;

namespace AiOs.Agents.Actions;

/// <summary>One action that a run wants done.</summary>
/// <param name="RunId">The run.</param>
/// <param name="App">The app, whose secrets and settings the connector may use.</param>
/// <param name="StepPath">The step's id; with its parents where steps nest.</param>
/// <param name="Iteration">0, and more inside loops. Never an attempt number.</param>
/// <param name="Connector">What to call.</param>
/// <param name="Arguments">A JSON object, masked.</param>
/// <param name="Principal">The id of who asked for the run.</param>
/// <param name="PolicyVersion">The version of the policy that allowed it; empty where none was asked.</param>
public sealed record ActionRequest(string RunId, string App, string StepPath, int Iteration, Connector Connector, JsonElement Arguments, string Principal, string PolicyVersion)
{
    /// <summary>What an approval is bound to: connector, masked arguments and policy version.</summary>
    public string Digest => ActionKey.Digest(Connector.Name, Arguments, PolicyVersion);

    /// <summary>The idempotency key, the same whenever this action of this run is tried.</summary>
    public string Key => ActionKey.Of(RunId, StepPath, Iteration, Digest);
}

/// <summary>How an action ended.</summary>
public enum ActionOutcome
{
    /// <summary>It happened, once.</summary>
    Done,

    /// <summary>It was refused or given up.</summary>
    Failed,

    /// <summary>Nobody knows whether it happened and it must not be sent again: ask a person, then <c>ActionRunner.ResolveUnknownAsync</c>.</summary>
    Unknown,

    /// <summary>It happened and was undone.</summary>
    Undone,
}

/// <summary>The end of an action.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Key">Its idempotency key.</param>
/// <param name="Result">The answer: a JSON object, masked, at most 8 KB; null where there is none.</param>
/// <param name="Reason">Why it did not end well; free of personal data.</param>
/// <param name="MayHaveHappened">It failed after requests whose fate is not known, so its undo is worth running.</param>
public sealed record ActionResult(ActionOutcome Outcome, string Key, JsonElement? Result = null, string? Reason = null, bool MayHaveHappened = false);

/// <summary>What a person found out about an action whose outcome was unknown.</summary>
public enum ActionVerdict
{
    /// <summary>It happened.</summary>
    Happened,

    /// <summary>It did not.</summary>
    DidNotHappen,
}
