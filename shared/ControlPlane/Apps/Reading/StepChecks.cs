using AiOs.Agents.Actions;
using AiOs.DataPlane.Yaml;
using AiOs.DataPlane;
using AiOs.Policies.Cel;

namespace AiOs.ControlPlane.Apps.Reading;

/// <summary>Type-checks every expression of the steps against the steps before it, the policies against what is passed to them, and the calls against the connectors.</summary>
sealed class StepChecks(Problems problems, IReadOnlyList<StepDraft> drafts, IReadOnlyDictionary<string, ReadConnector> connectors, IReadOnlySet<string> unreadable)
{
    readonly HashSet<string> called = new(StringComparer.Ordinal);

    public void Run()
    {
        var shapes = drafts.Select(draft => draft.Shape).ToList();
        for (var i = 0; i < drafts.Count; i++)
            Step(drafts[i], StepTypes.Environment(shapes[..i], shapes[i..]));
        foreach (var (name, connector) in connectors)
            if (!called.Contains(name))
                RequestChecks.Check(connector, CelType.Map(CelType.Dyn), undo: true);
    }

    void Step(StepDraft draft, CelEnvironment environment)
    {
        if (draft.When is { } when)
            Compile(when, environment, CelType.Bool);
        if (draft.Step.Kind == StepKind.Score)
            Score(draft, environment);
        if (draft.Step.Kind == StepKind.Decide)
            Decide(draft, environment);
        if (draft.Step.Kind == StepKind.Act)
            Act(draft, environment);
        foreach (var (condition, text) in draft.Say)
        {
            if (condition is not null)
                Compile(condition, environment, CelType.Bool);
            try
            {
                CelTemplate.Compile(text.Value, environment);
            }
            catch (CelException wrong)
            {
                problems.Add(text, wrong);
            }
        }
    }

    /// <summary>A model takes numbers, truths and texts, or lists of them.</summary>
    void Score(StepDraft draft, CelEnvironment environment)
    {
        foreach (var (key, value) in draft.With)
            if (Compile(value, environment, null) is { } type && !IsScorable(type.Kind == CelKind.List ? type.Element! : type))
                problems.Add(value, $"`{key.Value}` is {type.Name}; a model takes numbers, truths and texts, or lists of them.", "steps.fields.amount.minor");
    }

    static bool IsScorable(CelType type) => type.Kind is CelKind.Int or CelKind.Double or CelKind.Bool or CelKind.String or CelKind.Dyn;

    void Decide(StepDraft draft, CelEnvironment environment)
    {
        var inputs = draft.Policy?.Inputs;
        var refined = new Dictionary<string, CelType>(inputs ?? new Dictionary<string, CelType>(StringComparer.Ordinal), StringComparer.Ordinal);
        var misspelt = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (key, value) in draft.With)
        {
            CelType? expected = null;
            if (inputs is not null && !inputs.TryGetValue(key.Value, out expected))
            {
                misspelt.Add(DidYouMean.Nearest(key.Value, inputs.Keys) ?? "");
                problems.Add(key, $"The policy `{draft.Policy!.Definition.Name}` has no input `{key.Value}`. It has: {DidYouMean.List(inputs.Keys)}.", DidYouMean.Nearest(key.Value, inputs.Keys));
            }
            if (Compile(value, environment, expected) is { Values: not null } closed && expected is { Kind: CelKind.String })
                refined[key.Value] = closed;
        }
        if (inputs is null)
            return;
        foreach (var missing in inputs.Keys.Where(name => !draft.With.Any(entry => entry.Key.Value == name) && !misspelt.Contains(name)))
            problems.Add(draft.At, $"The policy `{draft.Policy!.Definition.Name}` needs the input `{missing}`.", $"with: {{{missing}: ...}}");
        // What is known of the values (the intents, the outcomes) also holds inside the policy.
        var known = new CelEnvironment(refined);
        foreach (var (_, when) in draft.Policy!.Conditions)
            Compile(when, known, CelType.Bool, draft.Policy.Problems);
    }

    void Act(StepDraft draft, CelEnvironment environment)
    {
        var types = new Dictionary<string, CelType>(StringComparer.Ordinal);
        foreach (var (key, value) in draft.With)
            types[key.Value] = Compile(value, environment, null) ?? CelType.Dyn;
        var arguments = CelType.Object("the arguments", types);
        if (draft.Call is { } call && Connector(call) is { } connector)
        {
            RequestChecks.Check(connector, arguments, undo: false);
            if (draft.Undo is { } pointless && connector.Connector.Effect is Effect.Irreversible or Effect.Reads)
                problems.Add(pointless, connector.Connector.Effect == Effect.Reads ? $"`{call.Value}` only reads; there is nothing to undo." : $"`{call.Value}` is declared irreversible, so it has no undo.",
                    "leave `undo` out, or `effect: writes` in the connector");
        }
        if (draft.Undo is { } undo && Connector(undo) is { } back)
            RequestChecks.Check(back, arguments, undo: true);
    }

    ReadConnector? Connector(YamlScalar name)
    {
        if (connectors.TryGetValue(name.Value, out var connector))
        {
            called.Add(name.Value);
            return connector;
        }
        if (unreadable.Contains(name.Value))
            return null;
        if (connectors.Count == 0)
            problems.Add(name, $"There is no connector `{name.Value}`: the app has no right connectors.yaml.");
        else
            problems.Unknown(name, "connector", name.Value, connectors.Keys);
        return null;
    }

    CelType? Compile(YamlScalar source, CelEnvironment environment, CelType? expected, Problems? into = null)
    {
        try
        {
            return CelProgram.Compile(source.Value, environment, expected).Type;
        }
        catch (CelException wrong)
        {
            (into ?? problems).Add(source, wrong);
            return null;
        }
    }
}
