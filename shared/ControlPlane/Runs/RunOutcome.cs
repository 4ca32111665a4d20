using System.Text.Json;
using AiOs.Agents.Generation;
using AiOs.Agents.Generation.Grounded;

namespace AiOs.ControlPlane.Runs;

/// <summary>What a run came to, or has come to so far: the body of every reply about a run. Masked throughout.</summary>
public sealed record RunOutcome
{
    /// <summary>The run.</summary>
    public required string RunId { get; init; }

    /// <summary>The app.</summary>
    public required string App { get; init; }

    /// <summary>The app version whose plan the run follows.</summary>
    public required string Version { get; init; }

    /// <summary>The conversation to go on with; made up where the message named none.</summary>
    public string? ConversationId { get; init; }

    /// <summary>Where the run is.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>What the message was understood as.</summary>
    public OutcomeIntent? Intent { get; init; }

    /// <summary>What is said to the customer, with its sources.</summary>
    public OutcomeAnswer? Answer { get; init; }

    /// <summary>What the policy said.</summary>
    public OutcomeDecision? Decision { get; init; }

    /// <summary>What was done to the world, in order.</summary>
    public IReadOnlyList<OutcomeAction> Actions { get; init; } = [];

    /// <summary>The question that the customer should answer next, in the same conversation.</summary>
    public Question? Asks { get; init; }

    /// <summary>The person that the message went to.</summary>
    public OutcomeHandOff? HandOff { get; init; }

    /// <summary>What the run waits for.</summary>
    public WaitingFor? WaitingFor { get; init; }

    /// <summary>Why it failed, was rejected or cancelled; free of personal data.</summary>
    public string? Reason { get; init; }

    /// <summary>What the run's calls of models used and cost, all attempts together; null where no model was asked.</summary>
    public RunCost? Cost { get; init; }

    /// <summary>Where to read on, by relation: <c>self</c>, <c>events</c>, <c>cancel</c> while it runs, <c>approval</c> while it waits for one.</summary>
    public IReadOnlyDictionary<string, string>? Links { get; init; }
}

/// <summary>What calls of models came to: <paramref name="Amount"/> is in the operator's currency, null where the models have no price.</summary>
public sealed record RunCost(decimal? Amount, int Calls, long InputTokens, long OutputTokens);

/// <summary>An intent with the runners-up. Where a chat model decided it, <paramref name="By"/> names the model, and the confidence is what the model says itself.</summary>
public sealed record OutcomeIntent(string Name, double Confidence, IReadOnlyList<OutcomeAlternative> Alternatives, string? By = null);

/// <summary>A runner-up.</summary>
public sealed record OutcomeAlternative(string Name, double Confidence);

/// <summary>An answer; each citation's quote stands literally in its document. <paramref name="Origin"/> says how it came about, and at what cost, where a model was asked.</summary>
public sealed record OutcomeAnswer(string Text, IReadOnlyList<Citation> Citations, AnswerOrigin? Origin = null);

/// <summary>A decision: <paramref name="Outcome"/> is <c>allow</c>, <c>deny</c> or <c>approve</c>.</summary>
public sealed record OutcomeDecision(string Outcome, string Rule, string Reason);

/// <summary>An action: <paramref name="Status"/> is <c>done</c>, <c>failed</c>, <c>unknown</c> or <c>undone</c>.</summary>
public sealed record OutcomeAction(string Step, string Call, string Status, string Key);

/// <summary>A field that is still missing; <paramref name="Choices"/> where there is a list to choose from; <paramref name="Text"/> is the question as the answer puts it.</summary>
public sealed record Question(string Field, string Type, IReadOnlyList<string>? Choices = null, string? Text = null);

/// <summary>The person that the conversation waits for, or has: <paramref name="Status"/> is <c>open</c>, <c>taken</c> or <c>closed</c>, <paramref name="Reason"/> is <c>asked</c>, <c>language</c> or <c>correction</c>.</summary>
public sealed record OutcomeHandOff(string Id, string Role, string Reason, string Status);

/// <summary>What a run waits for.</summary>
/// <param name="Kind"><c>approval</c>, <c>person</c> (an action's outcome is unknown), <c>event</c>, or <c>conversation</c> (an earlier message of it is being handled).</param>
/// <param name="Id">The approval, the action's key, the event's name or the earlier run.</param>
/// <param name="Role">Who may answer.</param>
/// <param name="Until">The deadline.</param>
public sealed record WaitingFor(string Kind, string? Id = null, string? Role = null, DateTimeOffset? Until = null);
