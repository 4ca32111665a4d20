using System.Text.Json.Serialization;
using AiOs.Agents.Actions;
using AiOs.Agents.Extraction;
using AiOs.Policies;

namespace AiOs.ControlPlane.Apps;

/// <summary>An app version, compiled: everything a run needs, with references to its trained and indexed parts. At most 64 KB as JSON; its digest is the SHA-256 of those bytes.</summary>
public sealed record Plan
{
    /// <summary>The largest plan, in bytes of its JSON.</summary>
    public const int MaxBytes = 65_536;

    /// <summary>The shape of this record. The interpreter branches on it, never on its own version.</summary>
    public int Schema { get; init; } = 1;

    /// <summary>The app's name.</summary>
    public required string App { get; init; }

    /// <summary>The app's version (SemVer 2.0).</summary>
    public required string Version { get; init; }

    /// <summary>The digest of the files that it was compiled from (<see cref="AppPackage.ContentDigest"/>).</summary>
    public required string Content { get; init; }

    /// <summary>What it does, in a sentence.</summary>
    public required string Summary { get; init; }

    /// <summary>The team that answers for it.</summary>
    public required string Owner { get; init; }

    /// <summary>The kinds of personal data that are masked in every message.</summary>
    public required IReadOnlyList<string> Mask { get; init; }

    /// <summary>The steps in order.</summary>
    public required IReadOnlyList<PlanStep> Steps { get; init; }

    /// <summary>What starts a run beside an HTTP message.</summary>
    public Triggers Triggers { get; init; } = new(null, [], []);

    /// <summary>Who takes conversations over; null where the app does not say: then operators do.</summary>
    public HandOffRule? HandOff { get; init; }

    /// <summary>What a completed run is worth.</summary>
    public Kpis? Kpis { get; init; }

    /// <summary>What the app promises.</summary>
    public Slo? Slo { get; init; }

    /// <summary>The calls that its steps make, by name.</summary>
    public required IReadOnlyDictionary<string, Connector> Connectors { get; init; }

    /// <summary>The fields that its extract steps look for.</summary>
    [JsonIgnore]
    public IEnumerable<FieldSpec> Fields => Steps.SelectMany(step => step.Extract?.Fields ?? []);

    /// <summary>The step with this id.</summary>
    /// <exception cref="KeyNotFoundException">The plan has none.</exception>
    public PlanStep Step(string id) => Steps.FirstOrDefault(step => step.Id == id) ?? throw new KeyNotFoundException($"The plan of {App} has no step {id}.");
}

/// <summary>What starts a run: the logical queue, CloudEvents types, schedules.</summary>
public sealed record Triggers(string? Queue, IReadOnlyList<string> Events, IReadOnlyList<ScheduleTrigger> Schedules);

/// <summary>A schedule: NCRONTAB with 5 or 6 fields in a time zone (IANA name), and the text of the message that it sends.</summary>
public sealed record ScheduleTrigger(string Cron, string TimeZone, string Text);

/// <summary>What a run that ended well saves: minutes of work at an hourly cost.</summary>
public sealed record Kpis(double MinutesSaved, double HourlyCost);

/// <summary>What is promised: the 95th percentile of a run's duration and the share of runs that do not fail (0..1).</summary>
public sealed record Slo(TimeSpan? P95, double? Success);

/// <summary>The kinds of steps.</summary>
public enum StepKind
{
    /// <summary>Finds the intent of the message.</summary>
    Detect,

    /// <summary>Finds fields in the message.</summary>
    Extract,

    /// <summary>Finds passages in the app's knowledge.</summary>
    Retrieve,

    /// <summary>Has a model score the case.</summary>
    Score,

    /// <summary>Asks the policy.</summary>
    Decide,

    /// <summary>Asks a person.</summary>
    Approve,

    /// <summary>Acts through a connector.</summary>
    Act,

    /// <summary>Writes the answer.</summary>
    Answer,
}

/// <summary>One step; exactly the member named by <see cref="Kind"/> is set.</summary>
public sealed record PlanStep
{
    /// <summary>Unique in the plan.</summary>
    public required string Id { get; init; }

    /// <summary>Which of the members is set.</summary>
    public required StepKind Kind { get; init; }

    /// <summary>CEL, a bool; the step is skipped where it does not hold. Null always runs.</summary>
    public string? When { get; init; }

    /// <summary>For <see cref="StepKind.Detect"/>.</summary>
    public DetectStep? Detect { get; init; }

    /// <summary>For <see cref="StepKind.Extract"/>.</summary>
    public ExtractStep? Extract { get; init; }

    /// <summary>For <see cref="StepKind.Retrieve"/>.</summary>
    public RetrieveStep? Retrieve { get; init; }

    /// <summary>For <see cref="StepKind.Score"/>.</summary>
    public ScoreStep? Score { get; init; }

    /// <summary>For <see cref="StepKind.Decide"/>.</summary>
    public DecideStep? Decide { get; init; }

    /// <summary>For <see cref="StepKind.Approve"/>.</summary>
    public ApproveStep? Approve { get; init; }

    /// <summary>For <see cref="StepKind.Act"/>.</summary>
    public ActStep? Act { get; init; }

    /// <summary>For <see cref="StepKind.Answer"/>.</summary>
    public AnswerStep? Answer { get; init; }
}

/// <summary>Who takes a conversation over.</summary>
/// <param name="Role">Whoever has it may take it; an owner always may.</param>
/// <param name="Intents">Messages with these intents go to a person too, beside what the steps do; null for none.</param>
/// <param name="Say">What is answered to who asks for a person; null for a standard sentence.</param>
public sealed record HandOffRule(string Role, IReadOnlyList<string>? Intents = null, string? Say = null)
{
    /// <summary>The rule of an app that does not say.</summary>
    public static HandOffRule Standard { get; } = new("operator");
}

/// <summary>What happens to a message in a language that the intents are not written in.</summary>
public enum OtherLanguages
{
    /// <summary>It is out of scope and goes to a person; nothing else is done.</summary>
    HandOff,

    /// <summary>It is out of scope; the steps go on and may translate it or say so (<c>steps.ID.language</c>).</summary>
    OutOfScope,

    /// <summary>It is read like any other: the encoder in use knows more languages than English.</summary>
    Read,

    /// <summary>A chat model translates it to English for the steps, and the answer back; where that does not succeed it goes to a person.</summary>
    Translate,

    /// <summary>A chat model reads it: it says which of the app's intents it has and what its fields are, and puts it into English for the steps. Where that does not succeed, <see cref="DetectStep.Otherwise"/>.</summary>
    Model,
}

/// <summary>The trained head, and the confidence below which a message is out of scope.</summary>
/// <param name="HeadRef">The head.</param>
/// <param name="MinConfidence">The least confidence, 0..1.</param>
/// <param name="OtherLanguages">What happens to other languages; null is <see cref="OtherLanguages.HandOff"/>.</param>
/// <param name="Translator">The logical name of the model that translates.</param>
public sealed record DetectStep(string HeadRef, double MinConfidence, OtherLanguages? OtherLanguages = null, string? Translator = null)
{
    /// <summary>What happens to a language (BCP 47 tag) of its own; null where all are dealt with alike.</summary>
    public IReadOnlyDictionary<string, OtherLanguages>? Languages { get; init; }

    /// <summary>The logical name of the model that reads.</summary>
    public string? Model { get; init; }

    /// <summary>What happens where the model gives nothing; null is <see cref="OtherLanguages.HandOff"/>.</summary>
    public OtherLanguages? Otherwise { get; init; }

    /// <summary>The intents as they are explained to the model that reads: a list of <see cref="AiOs.Agents.Reading.ReadableIntent"/>, by reference.</summary>
    public string? IntentsRef { get; init; }
}

/// <summary>The fields to look for, in the manifest's order.</summary>
public sealed record ExtractStep(IReadOnlyList<FieldSpec> Fields);

/// <summary>The knowledge index and how many passages are wanted.</summary>
public sealed record RetrieveStep(string IndexRef, int Top);

/// <summary>The logical name of a model that takes tensors, and the CEL expression of each of its inputs.</summary>
public sealed record ScoreStep(string Model, IReadOnlyDictionary<string, string> With);

/// <summary>The policy, and the CEL expression of each of its inputs.</summary>
public sealed record DecideStep(PolicyDefinition Policy, IReadOnlyDictionary<string, string> With);

/// <summary>What happens to an approval that nobody answered in time.</summary>
public enum OnTimeout
{
    /// <summary>The step ends <c>rejected</c>.</summary>
    Reject,

    /// <summary>The step ends <c>approved</c>.</summary>
    Approve,

    /// <summary>The step ends <c>expired</c>, and later steps of the app take it up (page somebody, open a ticket).</summary>
    Escalate,
}

/// <summary>Who is asked, for how long, and what silence means.</summary>
public sealed record ApproveStep(string Role, TimeSpan Within, OnTimeout OnTimeout);

/// <summary>A connector call with the CEL expression of each argument, and the call that takes it back (with the same arguments).</summary>
public sealed record ActStep(string Call, IReadOnlyDictionary<string, string> With, string? Undo);

/// <summary>The model that answers, the one behind it, and fixed sentences that go first.</summary>
public sealed record AnswerStep(string Model, string Fallback, IReadOnlyList<SayRule> Say);

/// <summary>A sentence with <c>${CEL}</c> in it, spoken when <paramref name="When"/> (CEL, a bool; null always) holds. The first that holds speaks.</summary>
public sealed record SayRule(string? When, string Text);
