using System.Text.Json;
using AiOs.Agents.Actions;
using AiOs.Agents.Extraction;
using AiOs.Agents.Intent;
using AiOs.Agents.Retrieval;
using AiOs.Policies;

namespace AiOs.ControlPlane.Apps;

/// <summary>An app as its files describe it: read whole and found right, not yet trained or indexed.</summary>
public sealed record AppManifest
{
    /// <summary>The app's name; also the first part of its runs' ids.</summary>
    public required string Name { get; init; }

    /// <summary>SemVer 2.0.</summary>
    public required string Version { get; init; }

    /// <summary>What it does, in a sentence.</summary>
    public required string Summary { get; init; }

    /// <summary>The team that answers for it.</summary>
    public required string Owner { get; init; }

    /// <summary>The kinds of personal data that are masked in every message.</summary>
    public required IReadOnlyList<string> Mask { get; init; }

    /// <summary>What starts a run beside an HTTP message.</summary>
    public required Triggers Triggers { get; init; }

    /// <summary>The steps in order.</summary>
    public required IReadOnlyList<ManifestStep> Steps { get; init; }

    /// <summary>Who takes conversations over; null where the app does not say.</summary>
    public HandOffRule? HandOff { get; init; }

    /// <summary>What a completed run is worth.</summary>
    public Kpis? Kpis { get; init; }

    /// <summary>What the app promises.</summary>
    public Slo? Slo { get; init; }

    /// <summary>The declared calls by name.</summary>
    public required IReadOnlyDictionary<string, Connector> Connectors { get; init; }

    /// <summary>The labelled messages of evals.yaml; empty where there is none.</summary>
    public required IReadOnlyList<EvalCase> Evals { get; init; }

    /// <summary>What an operator has to provide: settings in URLs and secrets, each where it is named.</summary>
    public required IReadOnlyList<OperatorNeed> Needs { get; init; }
}

/// <summary>A step as written; exactly one member beside the id and the condition is set.</summary>
public sealed record ManifestStep(string Id, StepKind Kind, string? When)
{
    /// <summary>For a detect step: what its head is trained on.</summary>
    public IntentSet? Intents { get; init; }

    /// <summary>For a detect step.</summary>
    public double MinConfidence { get; init; }

    /// <summary>For a detect step; null is the default.</summary>
    public OtherLanguages? OtherLanguages { get; init; }

    /// <summary>Of a detect step: the logical name of the model that translates other languages.</summary>
    public string? Translator { get; init; }

    /// <summary>For a detect step: what happens to single languages; null where all are dealt with alike.</summary>
    public IReadOnlyDictionary<string, OtherLanguages>? Languages { get; init; }

    /// <summary>Of a detect step: the logical name of the model that reads other languages.</summary>
    public string? Reader { get; init; }

    /// <summary>For a detect step: what happens where that model gives nothing; null is the default.</summary>
    public OtherLanguages? Otherwise { get; init; }

    /// <summary>For an extract step.</summary>
    public IReadOnlyList<FieldSpec>? Fields { get; init; }

    /// <summary>For a retrieve step: what is indexed.</summary>
    public IReadOnlyList<KnowledgeFile>? Knowledge { get; init; }

    /// <summary>For a retrieve step.</summary>
    public int Top { get; init; }

    /// <summary>For a score step.</summary>
    public ScoreStep? Score { get; init; }

    /// <summary>For a decide step.</summary>
    public DecideStep? Decide { get; init; }

    /// <summary>For an approve step.</summary>
    public ApproveStep? Approve { get; init; }

    /// <summary>For an act step.</summary>
    public ActStep? Act { get; init; }

    /// <summary>For an answer step.</summary>
    public AnswerStep? Answer { get; init; }

    /// <summary>The step as the type checker sees it.</summary>
    public StepShape Shape => new(Id, Kind, Fields, Intents?.Intents.Select(intent => intent.Name).ToList());
}

/// <summary>A labelled message. <paramref name="Intent"/> may be <c>outOfScope</c>; <paramref name="Decision"/> is the outcome of the decide step, null where it is not labelled.</summary>
public sealed record EvalCase(string Text, JsonElement? Attributes, string Intent, string? Decision);

/// <summary>What an app asks of its operator.</summary>
public enum OperatorNeedKind
{
    /// <summary>A request goes to this URL (settings in it as <c>${NAME}</c>): they must be set and the host allowed.</summary>
    Url,

    /// <summary>A secret of this name must be granted to the app.</summary>
    Secret,

    /// <summary>A model of this name must take tensors.</summary>
    Model,
}

/// <summary>One need, and where in the files it is named.</summary>
public sealed record OperatorNeed(OperatorNeedKind Kind, string Value, string File, long Line, long Column);
