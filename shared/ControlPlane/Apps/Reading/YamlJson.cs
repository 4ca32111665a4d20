using System.Globalization;
using AiOs.DataPlane.Yaml;

namespace AiOs.ControlPlane.Apps.Reading;

/// <summary>YAML as JSON-like values, by the rules of YAML 1.2's JSON schema: plain words are null, true, false or numbers where they look so, everything else is text.</summary>
static class YamlJson
{
    public static object? Value(YamlNode node) => node switch
    {
        YamlMap map => map.Entries.ToDictionary(entry => entry.Key.Value, entry => Value(entry.Value), StringComparer.Ordinal),
        YamlList list => list.Items.Select(Value).ToList(),
        YamlScalar { IsNull: true } => null,
        YamlScalar { Plain: true, Value: "true" or "false" } truth => truth.Value == "true",
        YamlScalar { Plain: true } number when long.TryParse(number.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => whole,
        YamlScalar { Plain: true } number when LooksLikeNumber(number.Value) && double.TryParse(number.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) => value,
        YamlScalar scalar => scalar.Value,
        _ => null,
    };

    static bool LooksLikeNumber(string text) => text.Any(char.IsAsciiDigit) && text.All(c => char.IsAsciiDigit(c) || c is '.' or '-' or '+' or 'e' or 'E');
}
