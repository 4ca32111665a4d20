using System.Text.Json;
using YamlDotNet.Serialization;

namespace AiOs.Tests.Conversations;

/// <summary>One turn of a scripted conversation: what is said, and what the outcome must hold; null is not looked at.</summary>
public sealed class ScriptTurn
{
    public string Say { get; set; } = "";
    public Dictionary<string, object>? Attributes { get; set; }
    public string? Status { get; set; }
    public string? Intent { get; set; }
    public string? Asks { get; set; }
    public string? Says { get; set; }
    public string? Decision { get; set; }
    public string? HandOff { get; set; }
    public List<string>? Done { get; set; }

    /// <summary>The status that the turn before has by then.</summary>
    public string? Before { get; set; }

    public void Check(JsonElement outcome)
    {
        var seen = $"\"{Say}\" gave {outcome.GetRawText()}";
        Is(Status, outcome.Status());
        Is(Intent, Text(outcome, "intent", "name"));
        Is(Asks, Text(outcome, "asks", "field") ?? "none");
        Is(Decision, Text(outcome, "decision", "outcome"));
        Is(HandOff, Text(outcome, "handOff", "reason"));
        if (HandOff is null) Assert.False(outcome.TryGetProperty("handOff", out _), seen);
        if (Says is not null) Assert.True(Text(outcome, "answer", "text")?.Contains(Says, StringComparison.Ordinal), seen);
        if (Done is not null) Is(string.Join(", ", Done), string.Join(", ", outcome.GetProperty("actions").EnumerateArray().Where(action => action.Status() == "done").Select(action => action.GetProperty("call").GetString())));

        void Is(string? expected, string? actual)
        {
            if (expected is not null) Assert.True(expected == actual, $"expected {expected}: {seen}");
        }
    }

    static string? Text(JsonElement outcome, string member, string name) => outcome.TryGetProperty(member, out var part) && part.TryGetProperty(name, out var text) ? text.GetString() : null;
}

/// <summary>A conversation with an app, as a file of this folder holds it.</summary>
public sealed class Script
{
    static readonly string folder = Path.Combine(Repository.Root, "tests", "AiOs.Tests", "Conversations");

    public string Name { get; set; } = "";
    public List<ScriptTurn> Turns { get; set; } = [];

    public static IEnumerable<string> Apps => Directory.GetFiles(folder, "*.yaml").Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal);

    public static IReadOnlyList<Script> Of(string app) =>
        new DeserializerBuilder().WithNamingConvention(YamlDotNet.Serialization.NamingConventions.CamelCaseNamingConvention.Instance).Build().Deserialize<List<Script>>(File.ReadAllText(Path.Combine(folder, app + ".yaml")));
}
