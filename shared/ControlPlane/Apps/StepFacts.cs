using System.Text.Json;
using AiOs.Agents;
using AiOs.Policies.Cel;

namespace AiOs.ControlPlane.Apps;

/// <summary>What a run knows before its first step.</summary>
/// <param name="RunId">The run's id.</param>
/// <param name="Text">The masked text; null where the caller leaves it out (an expression that reads it then has no value).</param>
/// <param name="Attributes">The masked attributes: a JSON object, or null for none.</param>
/// <param name="Channel"><c>http</c>, <c>queue</c>, <c>event</c> or <c>schedule</c>.</param>
/// <param name="PrincipalId">Who asks.</param>
/// <param name="Roles">The principal's roles, lower-case.</param>
/// <param name="ConversationFields">What the conversation remembers: a JSON object, or null.</param>
public sealed record RunInput(string RunId, string? Text, JsonElement? Attributes, string Channel, string PrincipalId, IReadOnlyList<string> Roles, JsonElement? ConversationFields);

/// <summary>The recorded results of a run so far, as the variables of its CEL expressions. Immutable and pure: the same results give the same variables, on every replay.</summary>
public sealed class StepFacts
{
    readonly Plan plan;
    readonly RunInput input;
    readonly IReadOnlyDictionary<string, StepResult> results;
    IReadOnlyDictionary<string, object?>? variables;

    StepFacts(Plan plan, RunInput input, IReadOnlyDictionary<string, StepResult> results) => (this.plan, this.input, this.results) = (plan, input, results);

    /// <summary>The facts before the first step: every declared step counts as skipped.</summary>
    public static StepFacts Start(Plan plan, RunInput input) => new(plan, input, new Dictionary<string, StepResult>(StringComparer.Ordinal));

    /// <summary>These facts and the result of one more step; a later result of the same step replaces the earlier.</summary>
    public StepFacts With(string stepId, StepResult result) =>
        new(plan, input, new Dictionary<string, StepResult>(results, StringComparer.Ordinal) { [plan.Step(stepId).Id] = result });

    /// <summary>The recorded result; <see cref="StepResult.Skipped"/> for a step that did not run.</summary>
    public StepResult this[string stepId] => results.GetValueOrDefault(stepId, StepResult.Skipped);

    /// <summary>The values of <c>steps, input, conversation, principal, app, run</c>. A step that did not run has the outcome <c>skipped</c> and nulls.</summary>
    public IReadOnlyDictionary<string, object?> Variables => variables ??= new Dictionary<string, object?>(StringComparer.Ordinal)
    {
        ["steps"] = plan.Steps.ToDictionary(step => step.Id, step => (object?)Values(StepTypes.Result(StepShape.Of(step)), this[step.Id]), StringComparer.Ordinal),
        ["input"] = Map(("text", input.Text), ("attributes", Open(input.Attributes)), ("channel", input.Channel)),
        ["conversation"] = Map(("fields", Open(input.ConversationFields))),
        ["principal"] = Map(("id", input.PrincipalId), ("roles", input.Roles.ToList<object?>())),
        ["app"] = Map(("name", plan.App), ("version", plan.Version)),
        ["run"] = Map(("id", input.RunId)),
    };

    static Dictionary<string, object?> Values(CelType type, StepResult result)
    {
        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, field) in type.Fields)
            values[name] = name == "outcome" ? result.Outcome : result.Facts.TryGetValue(name, out var fact) ? Read(fact, field) : null;
        return values;
    }

    /// <summary>A fact of another type than declared keeps its own: an expression that needs the declared one then has no value, and that denies.</summary>
    static object? Read(JsonElement fact, CelType type)
    {
        try
        {
            return CelValue.FromJson(fact, type);
        }
        catch (FormatException)
        {
            return CelValue.FromJson(fact, CelType.Dyn);
        }
    }

    static object Open(JsonElement? json) => json is { ValueKind: JsonValueKind.Object } given ? CelValue.FromJson(given, CelType.Dyn)! : new Dictionary<string, object?>(StringComparer.Ordinal);

    static Dictionary<string, object?> Map(params ReadOnlySpan<(string Name, object? Value)> fields)
    {
        var map = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, value) in fields)
            map[name] = value;
        return map;
    }
}
