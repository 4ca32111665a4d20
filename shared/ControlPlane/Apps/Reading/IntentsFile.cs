using AiOs.Agents.Intent;
using AiOs.DataPlane.Yaml;

namespace AiOs.ControlPlane.Apps.Reading;

/// <summary>Reads intents.yaml: what people want, with examples, and what is out of scope.</summary>
static class IntentsFile
{
    const int MaxIntents = 400;
    const int MaxExamples = 20_000;
    const int MaxExample = 1_000;

    public static IntentSet? Read(YamlNode? root, Problems problems)
    {
        if (Section.Of(root, problems, "the intents file", "intents", "outOfScope", "fineTune") is not { } file)
            return null;
        var seen = new Dictionary<string, (string Intent, YamlScalar At)>(StringComparer.Ordinal);
        var intents = new List<IntentDefinition>();
        if (file.Required("intents", "{report-damage: {summary: ..., examples: [..., ...]}}") is { } node)
            if (node is not YamlMap map)
                problems.Add(node, $"`intents` is a map from the intent's name to its summary and examples; found {node.Article}.");
            else
                foreach (var (key, value) in map.Entries)
                    if (Names.CheckKebab(key, "The intent", problems) && Intent(key, value, seen, problems) is { } intent)
                        intents.Add(intent);
        var outOfScope = Examples(file, "outOfScope", "outOfScope", seen);
        if (file["intents"] is YamlMap given && (given.Entries.Count > MaxIntents || given.Entries.Count + (outOfScope.Count > 1 ? 1 : 0) < 2))
            problems.Add(given, given.Entries.Count > MaxIntents ? $"At most {MaxIntents} intents are allowed." : "There is nothing to tell apart: at least two intents, or one and examples under `outOfScope`.");
        if (seen.Count > MaxExamples)
            problems.Add(file.Map, $"At most {MaxExamples} examples are allowed; here are {seen.Count}.");
        var fineTune = file.Word("fineTune", ["true", "false"]) == "true";
        if (fineTune && seen.Count < IntentSet.FewestToTune)
            problems.Add(file["fineTune"]!, $"There are {seen.Count} examples; the encoder is tuned from {IntentSet.FewestToTune} on, or it would learn them by heart.", "fineTune: false");
        return new IntentSet(intents, outOfScope) { FineTune = fineTune };
    }

    static IntentDefinition? Intent(YamlScalar name, YamlNode node, Dictionary<string, (string Intent, YamlScalar At)> seen, Problems problems)
    {
        if (name.Value == "out-of-scope")
            problems.Add(name, "What is out of scope is no intent: list it under `outOfScope` beside `intents`.", "outOfScope: [..., ...]");
        if (Section.Of(node, problems, $"the intent `{name.Value}`", "summary", "examples") is not { } intent)
            return null;
        var summary = intent.Text("summary", 300, "what the person wants") ?? "";
        if (intent.Required("examples", "[..., ...]") is null)
            return null;
        var examples = Examples(intent, "examples", name.Value, seen);
        if (intent.Scalars("examples") is { Count: < 2 } few)
            problems.Add(name, $"The intent `{name.Value}` has {(few.Count == 1 ? "one example" : "no examples")}; at least two are needed, fifteen are good.", "examples: [..., ...]");
        return new IntentDefinition(name.Value, summary, examples);
    }

    static List<string> Examples(Section section, string key, string intent, Dictionary<string, (string Intent, YamlScalar At)> seen)
    {
        var examples = new List<string>();
        foreach (var item in section.Scalars(key) ?? [])
        {
            var normal = Normal(item.Value);
            if (normal.Length == 0 || item.Value.Length > MaxExample)
                section.Problems.Add(item, normal.Length == 0 ? "An example needs words." : $"An example has at most {MaxExample} characters.");
            else if (!seen.TryAdd(normal, (intent, item)))
                section.Problems.Add(item, seen[normal].Intent == intent
                    ? $"This example stands twice in `{intent}`; first in line {seen[normal].At.Line}."
                    : $"This example of `{intent}` also stands in `{seen[normal].Intent}`, line {seen[normal].At.Line}; no model can tell them apart.");
            else
                examples.Add(item.Value);
        }
        return examples;
    }

    /// <summary>Case, blanks and punctuation do not make a difference.</summary>
    static string Normal(string text) => string.Join(' ', string.Concat(text.Select(c => char.IsLetterOrDigit(c) ? char.ToLowerInvariant(c) : ' ')).Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
