using AiOs.Agents.Language;
using AiOs.DataPlane;
using AiOs.DataPlane.Yaml;

namespace AiOs.ControlPlane.Apps.Reading;

/// <summary>What a detect step does with messages that are not English: <c>otherLanguages: model</c> for all, or <c>{de: model, fr: translate, others: handOff}</c>.</summary>
/// <param name="Others">For all other languages; null is the default.</param>
/// <param name="Single">By tag; null where there is none.</param>
/// <param name="Translator">The model that translates, where anything is translated.</param>
/// <param name="Reader">The model that reads, where anything is read by one.</param>
/// <param name="Otherwise">What happens where that model gives nothing.</param>
sealed record LanguageRoutes(OtherLanguages? Others, IReadOnlyDictionary<string, OtherLanguages>? Single, string? Translator, string? Reader, OtherLanguages? Otherwise)
{
    const string OthersKey = "others", Example = "otherLanguages: {de: model, others: handOff}";

    static readonly string[] Words = ["handOff", "outOfScope", "read", "translate", "model"], Fallbacks = ["handOff", "translate"];

    public static LanguageRoutes Read(Section detect)
    {
        var (others, single) = detect["otherLanguages"] is YamlMap map ? Map(detect, map) : (Word(detect.Word("otherLanguages", Words)), null);
        var routes = single?.Values.Append(others ?? OtherLanguages.HandOff).ToHashSet() ?? [others ?? OtherLanguages.HandOff];
        var reads = routes.Contains(OtherLanguages.Model);
        var otherwise = Word(detect.Word("otherwise", Fallbacks));
        var translates = routes.Contains(OtherLanguages.Translate) || (reads && otherwise == OtherLanguages.Translate);
        var (reader, translator) = (Model(detect, "model"), Model(detect, "translator"));
        Needless(detect, "model", reads, "`model` is who reads with `otherLanguages: model`, which does not stand here.", "otherLanguages: model");
        Needless(detect, "otherwise", reads, "`otherwise` is what happens where `otherLanguages: model` gives nothing, which does not stand here.", "otherLanguages: model");
        Needless(detect, "translator", translates, "`translator` is the model of `otherLanguages: translate`, which does not stand here.", "otherLanguages: translate");
        return new(others, single, translates ? translator ?? "translate" : null, reads ? reader ?? "understand" : null, reads ? otherwise : null);
    }

    static (OtherLanguages? Others, IReadOnlyDictionary<string, OtherLanguages>? Single) Map(Section detect, YamlMap map)
    {
        var (others, single) = ((OtherLanguages?)null, new Dictionary<string, OtherLanguages>(StringComparer.Ordinal));
        foreach (var (key, value) in map.Entries)
        {
            if (value is not YamlScalar { IsNull: false } said || Word(said.Value) is not { } route)
                detect.Problems.Add(value, $"`{key.Value}` is one of {string.Join(", ", Words)}.", value is YamlScalar { IsNull: false } near ? DidYouMean.Nearest(near.Value, Words) : Example);
            else if (key.Value == OthersKey)
                others = route;
            else if (Alike(key.Value) is not { } alike)
                detect.Problems.Add(key, $"`{key.Value}` is no language that is recognised; those are {string.Join(", ", Known)}, and `{OthersKey}` for all that are not named.", DidYouMean.Nearest(key.Value, Known));
            else if (alike.FirstOrDefault(other => single.TryGetValue(other, out var there) && there != route) is { } same)
                detect.Problems.Add(key, $"`{key.Value}` and `{same}` are not told apart; route them alike.", $"{key.Value}: {map.Entries.First(entry => entry.Key.Value == same).Value switch { YamlScalar scalar => scalar.Value, _ => "model" }}");
            else
                single[key.Value] = route;
        }

        return (others, single.Count == 0 ? null : single);
    }

    static IEnumerable<string> Known => LanguageRecogniser.Tags.SelectMany(group => group).Order(StringComparer.Ordinal);

    static IReadOnlyList<string>? Alike(string tag) => LanguageRecogniser.Tags.FirstOrDefault(group => group.Contains(tag, StringComparer.Ordinal));

    static string? Model(Section detect, string key) => detect.Match(key, Names.Kebab, "a model is named in lower-case words with hyphens", null);

    static void Needless(Section detect, string key, bool needed, string message, string suggestion)
    {
        if (!needed && detect.Has(key))
            detect.Problems.Add(detect[key]!, message, suggestion);
    }

    static OtherLanguages? Word(string? word) => word switch
    {
        "handOff" => OtherLanguages.HandOff,
        "outOfScope" => OtherLanguages.OutOfScope,
        "read" => OtherLanguages.Read,
        "translate" => OtherLanguages.Translate,
        "model" => OtherLanguages.Model,
        _ => null,
    };
}
