using System.Text.Json;
using AiOs.DataPlane.Yaml;
using AiOs.DataPlane;
using AiOs.Policies.Cel;
using AiOs.Policies;

namespace AiOs.ControlPlane.Apps.Reading;

/// <summary>Reads evals.yaml: labelled messages.</summary>
static class EvalsFile
{
    public const string OutOfScope = "outOfScope";

    public static IReadOnlyList<EvalCase> Read(YamlNode? root, IReadOnlyList<string> intents, Problems problems)
    {
        if (root is not YamlList list)
        {
            if (root is not null)
                problems.Add(root, $"The file is a list of messages; found {root.Article}.", "- {text: ..., intent: report-damage, decision: allow}");
            return [];
        }
        var cases = new List<EvalCase>();
        foreach (var item in list.Items)
        {
            if (Section.Of(item, problems, "a message", "text", "attributes", "intent", "decision") is not { } message)
                continue;
            var (text, intent) = (message.Text("text", 20_000, "what the person wrote"), message.Text("intent", Names.MaxName, "report-damage"));
            if (intent is not null && intents.Count > 0 && intent != OutOfScope && !intents.Contains(intent, StringComparer.Ordinal))
                problems.Add(message["intent"]!, $"There is no intent `{intent}`.", DidYouMean.Nearest(intent, [.. intents, OutOfScope]));
            var decision = message.Word("decision", Verdicts.All);
            var attributes = message.Has("attributes") ? Attributes(message["attributes"]!, problems) : null;
            if (text is not null && intent is not null)
                cases.Add(new EvalCase(text, attributes, intent, decision));
        }
        return cases;
    }

    static JsonElement? Attributes(YamlNode node, Problems problems)
    {
        if (node is YamlMap)
            return CelValue.ToJson(YamlJson.Value(node));
        problems.Add(node, $"`attributes` is a map; found {node.Article}.", "attributes: {claimsLastYear: 2}");
        return null;
    }
}
