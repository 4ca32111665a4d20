using AiOs.Agents.Extraction;
using AiOs.Policies.Cel;

namespace AiOs.ControlPlane.Apps;

/// <summary>A declared step as the type checker sees it. <paramref name="Intents"/> are the intents of a detect step where they are known (at deploy).</summary>
public sealed record StepShape(string Id, StepKind Kind, IReadOnlyList<FieldSpec>? Fields = null, IReadOnlyList<string>? Intents = null)
{
    /// <summary>Fields of an extract step whose kind is not known; they are <see cref="CelType.Dyn"/>.</summary>
    public IReadOnlyList<string> Unreadable { get; init; } = [];

    /// <summary>The shape of a compiled step.</summary>
    public static StepShape Of(PlanStep step) => new(step.Id, step.Kind, step.Extract?.Fields);
}

/// <summary>The names that an expression of a manifest may use, and their types.</summary>
public static class StepTypes
{
    static readonly CelType Attributes = CelType.Map(CelType.Dyn);

    static readonly CelType Quantity = Fields("a quantity", ("value", CelType.Double), ("unit", CelType.String));

    /// <summary>The environment of a step that runs after <paramref name="earlier"/>; naming one of <paramref name="later"/> is an error that says so.</summary>
    public static CelEnvironment Environment(IReadOnlyList<StepShape> earlier, IReadOnlyList<StepShape> later) => new(new Dictionary<string, CelType>(StringComparer.Ordinal)
    {
        ["steps"] = CelType.Object("the steps", earlier.DistinctBy(step => step.Id, StringComparer.Ordinal).ToDictionary(step => step.Id, Result, StringComparer.Ordinal),
            later.DistinctBy(step => step.Id, StringComparer.Ordinal).ToDictionary(step => step.Id, step => $"The step `{step.Id}` has not run yet at this point; only earlier steps can be named.", StringComparer.Ordinal)),
        ["input"] = Fields("the input", ("text", CelType.String), ("attributes", Attributes), ("channel", CelType.OneOf("http", "queue", "event", "schedule"))),
        ["conversation"] = Fields("the conversation", ("fields", Attributes)),
        ["principal"] = Fields("the principal", ("id", CelType.String), ("roles", CelType.List(CelType.OneOf("owner", "adjuster", "operator", "client")))),
        ["app"] = Fields("the app", ("name", CelType.String), ("version", CelType.String)),
        ["run"] = Fields("the run", ("id", CelType.String)),
    });

    /// <summary>The type of a step's result.</summary>
    public static CelType Result(StepShape step)
    {
        var fields = new Dictionary<string, CelType>(StringComparer.Ordinal) { ["outcome"] = CelType.OneOf([.. Outcomes(step.Kind), "skipped"]) };
        foreach (var (name, type) in step.Kind switch
        {
            StepKind.Detect => [("intent", step.Intents is { Count: > 0 } intents ? CelType.OneOf(intents) : CelType.String), ("confidence", CelType.Double), ("language", CelType.OneOf("english", "other", "undecided")), ("readBy", CelType.String)],
            StepKind.Extract => [.. (step.Fields ?? []).Select(field => (field.Name, Of(field))), .. step.Unreadable.Select(name => (name, CelType.Dyn)), ("missing", CelType.List(CelType.String))],
            StepKind.Retrieve => [("passages", CelType.Int), ("topScore", CelType.Double)],
            StepKind.Score => [("outputs", Attributes), ("version", CelType.String), ("reason", CelType.String)],
            StepKind.Decide => [("rule", CelType.String), ("reason", CelType.String)],
            StepKind.Approve => [("by", CelType.String), ("comment", CelType.String)],
            StepKind.Act => [("key", CelType.String), ("result", Attributes)],
            StepKind.Answer => new (string, CelType)[] { ("support", CelType.Double), ("citations", CelType.Int) },
            _ => [],
        })
            fields.TryAdd(name, type);
        return CelType.Object($"the result of {step.Id}", fields);
    }

    /// <summary>The outcomes of a kind of step, <c>skipped</c> not among them.</summary>
    public static IReadOnlyList<string> Outcomes(StepKind kind) => kind switch
    {
        StepKind.Detect => ["matched", "outOfScope"],
        StepKind.Extract => ["complete", "missing"],
        StepKind.Retrieve => ["found", "nothing"],
        StepKind.Score => ["scored", "unavailable"],
        StepKind.Decide => ["allow", "deny", "approve"],
        StepKind.Approve => ["approved", "rejected", "expired"],
        StepKind.Act => ["done", "failed", "unknown", "undone"],
        _ => ["answered", "abstained"],
    };

    static CelType Of(FieldSpec field) => field.Kind switch
    {
        FieldKind.Money => CelType.Money,
        FieldKind.Quantity => Quantity,
        FieldKind.Date => CelType.Timestamp,
        FieldKind.Number => CelType.Double,
        FieldKind.Integer => CelType.Int,
        FieldKind.Choice when field.Choices is { Count: > 0 } choices => CelType.OneOf(choices),
        _ => CelType.String,
    };

    static CelType Fields(string name, params (string Name, CelType Type)[] fields) =>
        CelType.Object(name, fields.ToDictionary(field => field.Name, field => field.Type, StringComparer.Ordinal));
}
