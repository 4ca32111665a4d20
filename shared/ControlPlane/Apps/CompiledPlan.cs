using System.Collections.Concurrent;
using System.Text.Json;
using AiOs.Agents;
using AiOs.Agents.Actions;
using AiOs.Policies;
using AiOs.Policies.Cel;

namespace AiOs.ControlPlane.Apps;

/// <summary>Whether a step runs. An expression without a value counts as no, with the reason.</summary>
public sealed record WhenResult(bool Runs, string? Error);

/// <summary>A step's arguments as JSON, or why there are none.</summary>
public sealed record Arguments(JsonElement? Value, string? Error);

/// <summary>An action that a person is asked about: what would be called with what, and the digest that binds the answer to exactly this.</summary>
/// <param name="Step">The act step.</param>
/// <param name="Call">The connector.</param>
/// <param name="Arguments">A JSON object, masked.</param>
/// <param name="PolicyVersion">The policy in force for it; empty where none was asked.</param>
/// <param name="Digest">As <see cref="ActionRequest.Digest"/> will be.</param>
public sealed record ProposedAction(string Step, string Call, JsonElement Arguments, string PolicyVersion, string Digest);

/// <summary>The expressions of a plan, compiled once and evaluated by orchestrators: pure, deterministic, no clock, no I/O. The plan was checked at deploy.</summary>
public sealed class CompiledPlan
{
    const int Remembered = 64;

    // A memo of a pure function: what it returns depends on the digest alone, so replays see no difference.
    static readonly ConcurrentDictionary<string, CompiledPlan> Known = new(StringComparer.Ordinal);

    readonly Dictionary<string, CompiledStep> steps = new(StringComparer.Ordinal);

    CompiledPlan(Plan plan)
    {
        Plan = plan;
        var shapes = plan.Steps.Select(StepShape.Of).ToList();
        for (var i = 0; i < plan.Steps.Count; i++)
            steps[plan.Steps[i].Id] = new CompiledStep(plan.Steps[i], StepTypes.Environment(shapes[..i], shapes[i..]));
    }

    /// <summary>The plan itself.</summary>
    public Plan Plan { get; }

    /// <summary>Compiles <paramref name="plan"/>, or returns what was compiled for its digest before.</summary>
    /// <exception cref="CelException">An expression does not compile; Deploy never lets such a plan in.</exception>
    public static CompiledPlan For(string planDigest, Plan plan)
    {
        if (Known.TryGetValue(planDigest, out var known))
            return known;
        if (Known.Count >= Remembered)
            Known.Clear();
        return Known[planDigest] = new CompiledPlan(plan);
    }

    /// <summary>Whether the step runs on these facts.</summary>
    public WhenResult When(string stepId, StepFacts facts) => Holds(steps[stepId].When, facts);

    /// <summary>The arguments of an act step, the inputs of a score step.</summary>
    public Arguments Arguments(string stepId, StepFacts facts)
    {
        try
        {
            return new Arguments(CelValue.ToJson(steps[stepId].With.ToDictionary(entry => entry.Key, entry => entry.Value.Evaluate(facts.Variables), StringComparer.Ordinal)), null);
        }
        catch (CelEvaluationException failed)
        {
            return new Arguments(null, failed.Message);
        }
    }

    /// <summary>The verdict of a decide step. An input whose expression has no value is a denial with its reason.</summary>
    public Decision Decide(string stepId, StepFacts facts)
    {
        var (step, inputs) = (steps[stepId], new Dictionary<string, object?>(StringComparer.Ordinal));
        foreach (var (name, expression) in step.With)
            try
            {
                inputs[name] = expression.Evaluate(facts.Variables);
            }
            catch (CelEvaluationException failed)
            {
                return Decision.InputError($"The input `{name}` has no value: {failed.Message}.");
            }
        return step.Policy!.Decide(inputs);
    }

    /// <summary>The first fixed sentence of an answer step that holds and can be written; null where the model has to speak.</summary>
    public string? Say(string stepId, StepFacts facts)
    {
        foreach (var (when, text) in steps[stepId].Say)
            if (Holds(when, facts).Runs)
                try
                {
                    return text.Render(facts.Variables);
                }
                catch (CelEvaluationException)
                {
                    // A sentence with a hole in it is not spoken; the next may hold.
                }
        return null;
    }

    /// <summary>The act steps that an approve step speaks for: those after it that would run if it were approved, up to the next approve step that would then ask as well.
    /// Whether their arguments are known yet does not matter: without a yes none of them runs.</summary>
    public IReadOnlyList<PlanStep> Covered(string stepId, StepFacts facts)
    {
        var approved = facts.With(stepId, StepResult.Of("approved"));
        return [.. Plan.Steps.SkipWhile(step => step.Id != stepId).Skip(1).TakeWhile(step => step.Kind != StepKind.Approve || !When(step.Id, approved).Runs)
            .Where(step => step.Act is not null && When(step.Id, approved).Runs)];
    }

    /// <summary>What an approve step asks about: the actions that it speaks for and whose arguments are known before the answer. Only these can be carried out on it.</summary>
    public IReadOnlyList<ProposedAction> Proposal(string stepId, StepFacts facts)
    {
        var approved = facts.With(stepId, StepResult.Of("approved"));
        var proposal = new List<ProposedAction>();
        foreach (var step in Covered(stepId, facts))
            if (Arguments(step.Id, approved).Value is { } arguments)
            {
                var version = PolicyVersion(step.Id, approved);
                proposal.Add(new ProposedAction(step.Id, step.Act!.Call, arguments, version, ActionKey.Digest(step.Act.Call, arguments, version)));
            }
        return proposal;
    }

    /// <summary>Whether an act step depends on one of these approvals, or on any of them: without them it would not run.</summary>
    public bool DependsOn(string stepId, IReadOnlyList<string> approvals, StepFacts facts)
    {
        var rejected = StepResult.Of("rejected");
        return approvals.Any(id => !When(stepId, facts.With(id, rejected)).Runs) || !When(stepId, approvals.Aggregate(facts, (so, id) => so.With(id, rejected))).Runs;
    }

    /// <summary>The version of the policy that speaks for a step: that of the nearest decide step before it that ran; empty where there is none.</summary>
    public string PolicyVersion(string stepId, StepFacts facts) => Plan.Steps.TakeWhile(step => step.Id != stepId)
        .LastOrDefault(step => step.Decide is not null && facts[step.Id].Outcome != StepResult.SkippedOutcome) is { } decided ? steps[decided.Id].Policy!.Version : "";

    static WhenResult Holds(CelProgram? when, StepFacts facts)
    {
        try
        {
            return when?.Evaluate(facts.Variables) switch
            {
                _ when when is null => new(true, null),
                bool holds => new(holds, null),
                _ => new(false, $"`{when.Source}` is no bool"),
            };
        }
        catch (CelEvaluationException failed)
        {
            return new(false, failed.Message);
        }
    }

    sealed class CompiledStep(PlanStep step, CelEnvironment environment)
    {
        public CelProgram? When { get; } = step.When is { } when ? CelProgram.Compile(when, environment, CelType.Bool) : null;

        public IReadOnlyDictionary<string, CelProgram> With { get; } = (step.Score?.With ?? step.Decide?.With ?? step.Act?.With ?? new Dictionary<string, string>(StringComparer.Ordinal))
            .ToDictionary(entry => entry.Key, entry => CelProgram.Compile(entry.Value, environment), StringComparer.Ordinal);

        public CompiledPolicy? Policy { get; } = step.Decide is { } decide ? CompiledPolicy.Compile(decide.Policy) : null;

        public IReadOnlyList<(CelProgram? When, CelTemplate Text)> Say { get; } = [.. (step.Answer?.Say ?? [])
            .Select(rule => (rule.When is { } when ? CelProgram.Compile(when, environment, CelType.Bool) : null, CelTemplate.Compile(rule.Text, environment)))];
    }
}
