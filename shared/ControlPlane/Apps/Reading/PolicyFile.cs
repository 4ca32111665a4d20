using AiOs.DataPlane.Yaml;
using AiOs.DataPlane;
using AiOs.Policies.Cel;
using AiOs.Policies;
using AiOs.Security;

namespace AiOs.ControlPlane.Apps.Reading;

/// <summary>A policy as read, with the places of its rules' conditions for later checks.</summary>
sealed record ReadPolicy(PolicyDefinition Definition, IReadOnlyDictionary<string, CelType> Inputs, IReadOnlyList<(string Rule, YamlScalar When)> Conditions, Problems Problems, YamlNode At);

/// <summary>Reads policy.yaml: name, typed inputs, rules.</summary>
static class PolicyFile
{
    /// <summary>The roles that may be asked.</summary>
    public static readonly string[] RoleNames = [.. Enum.GetValues<Role>().Select(role => role.Name())];

    public static ReadPolicy? Read(YamlNode? root, Problems problems)
    {
        if (Section.Of(root, problems, "the policy", "policy", "input", "rules") is not { } file)
            return null;
        var name = file.Match("policy", Names.Kebab, "a policy is named in lower-case words with hyphens", "claims");
        var inputs = Inputs(file);
        var environment = new CelEnvironment(inputs);
        var rules = new List<PolicyRule>();
        var conditions = new List<(string, YamlScalar)>();
        var ids = new Dictionary<string, YamlNode>(StringComparer.Ordinal);
        if (file.Required("rules", "[{id: small, when: amount <= 50000, then: allow, reason: Small.}]") is { } node)
            foreach (var item in (node as YamlList)?.Items ?? [])
                Rule(item, environment, rules, conditions, ids, problems);
        if (file["rules"] is { } given && given is not YamlList { Items.Count: > 0 and <= 200 })
            problems.Add(given, given is YamlList list ? $"A policy has between 1 and 200 rules; this has {list.Items.Count}." : $"`rules` is a list; found {given.Article}.");
        return name is null ? null : new ReadPolicy(new PolicyDefinition(name, Types(file), rules), inputs, conditions, problems, file.Map);
    }

    static Dictionary<string, string> Types(Section file) => ((file["input"] as YamlMap)?.Entries ?? [])
        .Where(entry => entry.Value is YamlScalar scalar && CelType.Parse(scalar.Value) is not null)
        .ToDictionary(entry => entry.Key.Value, entry => CelType.Parse(((YamlScalar)entry.Value).Value)!.Name, StringComparer.Ordinal);

    static Dictionary<string, CelType> Inputs(Section file)
    {
        var inputs = new Dictionary<string, CelType>(StringComparer.Ordinal);
        if (file.Required("input", "{amount: int}") is not { } node)
            return inputs;
        if (node is not YamlMap map)
        {
            file.Problems.Add(node, $"`input` is a map from names to types; found {node.Article}.", "input: {amount: int}");
            return inputs;
        }
        foreach (var (key, value) in map.Entries)
            if (Names.CheckCamel(key, key.Value, "The input", file.Problems))
                if (value is YamlScalar scalar && CelType.Parse(scalar.Value) is { } type)
                    inputs[key.Value] = type;
                else
                {
                    inputs[key.Value] = CelType.Dyn;
                    file.Problems.Add(value, $"There is no type {value.Article}. There are: {DidYouMean.List(CelType.Named.Keys)}, list(T), map(T).", value is YamlScalar word ? Type(word.Value) : null);
                }
        return inputs;
    }

    static string? Type(string word) => word.ToLowerInvariant() switch
    {
        "integer" or "long" or "int64" or "number of" => "int",
        "number" or "float" or "decimal" => "double",
        "text" or "str" => "string",
        "boolean" => "bool",
        "date" or "datetime" or "time" => "timestamp",
        var other => DidYouMean.Nearest(other, CelType.Named.Keys),
    };

    static void Rule(YamlNode node, CelEnvironment environment, List<PolicyRule> rules, List<(string, YamlScalar)> conditions, Dictionary<string, YamlNode> ids, Problems problems)
    {
        if (Section.Of(node, problems, "a rule", "id", "when", "then", "by", "reason") is not { } rule)
            return;
        var id = rule.Match("id", Names.Kebab, "a rule is named in lower-case words with hyphens", "small-and-clear");
        if (id is Decision.NoMatch or Decision.BadInput)
            problems.Add(rule["id"]!, $"`{id}` is the id that decisions use where no rule speaks; choose another.");
        if (id is not null && !ids.TryAdd(id, rule["id"]!))
            problems.Add(rule["id"]!, $"The rule `{id}` stands twice; first in line {ids[id].Line}.");
        var when = rule.Scalar("when", "amount <= 50000");
        var then = rule.Word("then", Verdicts.All, "allow");
        var by = rule.Word("by", RoleNames);
        if (by is not null && then is not null and not "approve")
            problems.Add(rule["by"]!, $"`by` names who approves; this rule says `{then}`.", "then: approve, or leave `by` out");
        var reason = rule.Text("reason", 300, "Why, for the person who reads it.");
        if (when is not null)
            try
            {
                CelProgram.Compile(when.Value, environment, CelType.Bool);
            }
            catch (CelException wrong)
            {
                problems.Add(when, wrong);
                return;
            }
        if (id is null || when is null || then is null)
            return;
        rules.Add(new PolicyRule(id, when.Value, then, by, reason ?? ""));
        conditions.Add((id, when));
    }
}
