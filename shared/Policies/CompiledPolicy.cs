using AiOs.Policies.Cel;

namespace AiOs.Policies;

/// <summary>A rule of a policy that does not compile.</summary>
public sealed class PolicyException(string message, string? rule, string? input, CelException? cel) : Exception(message, cel)
{
    /// <summary>The rule at fault, where it is one.</summary>
    public string? Rule => rule;

    /// <summary>The input at fault, where it is one.</summary>
    public string? Input => input;

    /// <summary>Position and suggestion inside the rule's <c>when</c>.</summary>
    public CelException? Cel => cel;
}

/// <summary>A policy ready to decide. Every rule is evaluated: deny overrides approve overrides allow; within one verdict the first rule in order names itself;
/// no match is a denial; a rule or an input without a value is a denial with its reason.</summary>
public sealed class CompiledPolicy
{
    readonly IReadOnlyList<(PolicyRule Rule, CelProgram When)> rules;
    readonly IReadOnlyDictionary<string, CelType> inputs;

    CompiledPolicy(PolicyDefinition definition, IReadOnlyList<(PolicyRule, CelProgram)> rules, IReadOnlyDictionary<string, CelType> inputs) =>
        (Definition, this.rules, this.inputs, Version) = (definition, rules, inputs, definition.Version);

    /// <summary>As it was written.</summary>
    public PolicyDefinition Definition { get; }

    /// <summary>The digest of the canonical form.</summary>
    public string Version { get; }

    /// <summary>Compiles every rule against the declared inputs.</summary>
    /// <exception cref="PolicyException">The first input or rule that does not compile.</exception>
    public static CompiledPolicy Compile(PolicyDefinition definition)
    {
        var types = new Dictionary<string, CelType>(StringComparer.Ordinal);
        foreach (var (name, type) in definition.Input)
            types[name] = CelType.Parse(type) ?? throw new PolicyException($"The input `{name}` has the unknown type `{type}`.", null, name, null);
        var environment = new CelEnvironment(types);
        var compiled = new List<(PolicyRule, CelProgram)>();
        foreach (var rule in definition.Rules)
            try
            {
                compiled.Add((Verdicts.All.Contains(rule.Then, StringComparer.Ordinal) ? rule
                    : throw new PolicyException($"The rule `{rule.Id}` says `{rule.Then}`, which is no verdict.", rule.Id, null, null), CelProgram.Compile(rule.When, environment, CelType.Bool)));
            }
            catch (CelException wrong)
            {
                throw new PolicyException($"The rule `{rule.Id}`: {wrong.Message}", rule.Id, null, wrong);
            }
        return new CompiledPolicy(definition, compiled, types);
    }

    /// <summary>Decides over CEL values. An input that is missing counts as null; a rule that needs its value then denies.</summary>
    public Decision Decide(IReadOnlyDictionary<string, object?> input)
    {
        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, type) in inputs)
            try
            {
                values[name] = CelValue.Coerce(input.GetValueOrDefault(name), type);
            }
            catch (FormatException wrong)
            {
                return Decision.InputError($"The input `{name}` does not fit: {wrong.Message}.");
            }
        Decision? strongest = null;
        foreach (var (rule, when) in rules)
        {
            var found = Apply(rule, when, values);
            if (found is not null && (strongest is null || Strength(found) < Strength(strongest)))
                strongest = found;
        }
        return strongest ?? new Decision(Verdicts.Deny, Decision.NoMatch, "No rule of the policy covers this.", null);
    }

    static Decision? Apply(PolicyRule rule, CelProgram when, IReadOnlyDictionary<string, object?> values)
    {
        try
        {
            return when.Evaluate(values) switch
            {
                true => new Decision(rule.Then, rule.Id, rule.Reason, rule.By),
                false => null,
                var other => new Decision(Verdicts.Deny, rule.Id, $"The rule could not be evaluated: its value is {CelValue.TypeName(other)}.", null),
            };
        }
        catch (CelEvaluationException failed)
        {
            return new Decision(Verdicts.Deny, rule.Id, $"The rule could not be evaluated: {failed.Message}.", null);
        }
    }

    static int Strength(Decision decision) => decision.Outcome switch { Verdicts.Deny => 0, Verdicts.Approve => 1, _ => 2 };
}
