using System.Text.RegularExpressions;
using AiOs.DataPlane.Yaml;
using AiOs.Policies.Cel;

namespace AiOs.ControlPlane.Apps.Reading;

/// <summary>The spelling of names in manifests, and what to say where one is misspelt.</summary>
static class Names
{
    /// <summary>Lower-case words with hyphens: apps, intents, policies, rules, queues.</summary>
    public static readonly Regex Kebab = SafePattern.Compile("^[a-z][a-z0-9]*(-[a-z0-9]+)*\\z");

    /// <summary>A name that CEL can write: steps, fields, inputs, arguments.</summary>
    public static readonly Regex Camel = SafePattern.Compile("^[a-z][A-Za-z0-9]*\\z");

    /// <summary>system.call.</summary>
    public static readonly Regex Call = SafePattern.Compile("^[a-z][A-Za-z0-9-]*(\\.[a-z][A-Za-z0-9-]*)+\\z");

    /// <summary>semver.org 2.0.0.</summary>
    public static readonly Regex Version = SafePattern.Compile(
        "^(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)\\.(0|[1-9][0-9]*)(-[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*)?(\\+[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*)?\\z");

    /// <summary>The longest app name: a run's id is the name, a hyphen and 26 characters.</summary>
    public const int MaxApp = 40;

    /// <summary>The longest other name.</summary>
    public const int MaxName = 60;

    static readonly HashSet<string> CelWords = new(StringComparer.Ordinal)
    {
        "in", "true", "false", "null", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package", "namespace", "return", "var", "void", "while",
    };

    /// <summary>Whether CEL can write the name; a problem where it cannot.</summary>
    public static bool CheckCamel(YamlScalar at, string name, string what, Problems problems)
    {
        if (name.Length <= MaxName && Camel.IsMatch(name) && !CelWords.Contains(name))
            return true;
        problems.Add(at, CelWords.Contains(name) ? $"`{name}` is a reserved word of CEL." : $"{what} `{name}` is no camelCase name of letters and digits.", CelWords.Contains(name) ? name + "Value" : ToCamel(name));
        return false;
    }

    /// <summary>Whether the name is lower-case words with hyphens; a problem where it is not.</summary>
    public static bool CheckKebab(YamlScalar at, string what, Problems problems)
    {
        if (at.Value.Length <= MaxName && Kebab.IsMatch(at.Value))
            return true;
        problems.Add(at, $"{what} `{at.Value}` is no name of lower-case words with hyphens.", ToKebab(at.Value));
        return false;
    }

    static string? ToCamel(string name)
    {
        var words = Words(name);
        return words.Count == 0 ? null : words[0] + string.Concat(words.Skip(1).Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
    }

    public static string? ToKebab(string name) => Words(name) is { Count: > 0 } words ? string.Join('-', words) : null;

    static List<string> Words(string name) => name.Length > MaxName * 2 ? [] : [.. string.Concat(name.Select((c, i) =>
            char.IsAsciiLetterOrDigit(c) ? (char.IsAsciiLetterUpper(c) && i > 0 && char.IsAsciiLetterLower(name[i - 1]) ? "-" : "") + char.ToLowerInvariant(c) : "-"))
        .Split('-', StringSplitOptions.RemoveEmptyEntries).SkipWhile(word => char.IsAsciiDigit(word[0]))];
}
