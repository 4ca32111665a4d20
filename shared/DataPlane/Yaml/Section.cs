using System.Globalization;
using System.Text.RegularExpressions;
namespace AiOs.DataPlane.Yaml;

/// <summary>One map of a manifest: typed access to its keys. Keys that are not known, missing or of another type become problems, never exceptions.</summary>
sealed class Section
{
    readonly Problems problems;
    readonly string what;
    readonly YamlMap map;
    readonly HashSet<string> misspelt = new(StringComparer.Ordinal);

    Section(YamlMap map, Problems problems, string what) => (this.map, this.problems, this.what) = (map, problems, what);

    /// <summary>Whether it has keys that nobody knows, each complained about already.</summary>
    public bool HasUnknown { get; private set; }

    /// <summary>The map, or null with a problem where the node is none. <paramref name="known"/> are the keys that it may have.</summary>
    public static Section? Of(YamlNode? node, Problems problems, string what, params ReadOnlySpan<string> known)
    {
        if (node is not YamlMap map)
        {
            if (node is not null)
                problems.Add(node, $"{Capital(what)} is a map; found {node.Article}.", $"{{{string.Join(", ", known.ToArray().Select(key => key + ": ..."))}}}");
            return null;
        }
        var names = known.ToArray();
        var section = new Section(map, problems, what);
        foreach (var (key, _) in map.Entries)
            if (!names.Contains(key.Value, StringComparer.Ordinal))
            {
                var meant = DidYouMean.Nearest(key.Value, names);
                problems.Add(key, $"{Capital(what)} has no `{key.Value}`. It may have: {string.Join(", ", names)}.", meant);
                section.HasUnknown = true;
                section.misspelt.Add(meant ?? "");
            }
        return section;
    }

    public YamlMap Map => map;

    public Problems Problems => problems;

    public YamlNode? this[string key] => map.Entries.FirstOrDefault(entry => entry.Key.Value == key).Value;

    public bool Has(string key) => this[key] is { } node && node is not YamlScalar { IsNull: true };

    /// <summary>The node, or a problem that it is missing.</summary>
    public YamlNode? Required(string key, string example)
    {
        if (Has(key))
            return this[key];
        if (!misspelt.Contains(key))
            problems.Add(map, $"{Capital(what)} needs `{key}`.", $"{key}: {example}");
        return null;
    }

    public YamlScalar? Scalar(string key, string? example = null)
    {
        if ((example is null ? this[key] : Required(key, example)) is not { } node || (example is null && node is YamlScalar { IsNull: true }))
            return null;
        if (node is YamlScalar scalar)
            return scalar;
        problems.Add(node, $"`{key}` is a single value; found {node.Article}.", example is null ? null : $"{key}: {example}");
        return null;
    }

    /// <summary>A text of at most <paramref name="most"/> characters.</summary>
    public string? Text(string key, int most, string? example = null)
    {
        if (Scalar(key, example) is not { } scalar)
            return null;
        if (scalar.Value.Trim().Length > 0 && scalar.Value.Length <= most)
            return scalar.Value;
        problems.Add(scalar, scalar.Value.Trim().Length == 0 ? $"`{key}` is empty." : $"`{key}` has {scalar.Value.Length} characters; at most {most} are allowed.", example is null ? null : $"{key}: {example}");
        return null;
    }

    /// <summary>A text that matches a pattern.</summary>
    public string? Match(string key, Regex pattern, string rule, string? example)
    {
        var text = Text(key, 200, example);
        if (text is null || pattern.IsMatch(text))
            return text;
        problems.Add(this[key]!, $"`{key}` is {this[key]!.Article}; {rule}.", example is null ? null : $"{key}: {example}");
        return null;
    }

    /// <summary>The name of a secret. Who wrote the secret itself there is told so without it being repeated.</summary>
    public string? SecretName(string key, Regex pattern, string rule)
    {
        var text = Text(key, 200);
        if (text is null || pattern.IsMatch(text))
            return text;
        problems.Add(this[key]!, $"`{key}` is not the name of a secret; {rule}. The secret itself belongs into the environment or the secrets file.");
        return null;
    }

    /// <summary>One of a few words.</summary>
    public string? Word(string key, IReadOnlyList<string> words, string? example = null)
    {
        if (Scalar(key, example) is not { } scalar)
            return null;
        if (words.Contains(scalar.Value, StringComparer.Ordinal))
            return scalar.Value;
        problems.Add(scalar, $"`{key}` is one of {string.Join(", ", words)}; found {scalar.Article}.", DidYouMean.Nearest(scalar.Value, words));
        return null;
    }

    public double? Number(string key, double least, double most, string? example = null)
    {
        if (Scalar(key, example) is not { } scalar)
            return null;
        if (double.TryParse(scalar.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            return number;
        problems.Add(scalar, $"`{key}` is a number from {least.ToString(CultureInfo.InvariantCulture)} to {most.ToString(CultureInfo.InvariantCulture)}; found {scalar.Article}.", Percent(scalar.Value, least, most));
        return null;
    }

    static string? Percent(string text, double least, double most) =>
        text.EndsWith('%') && double.TryParse(text[..^1], NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number / 100 >= least && number / 100 <= most
            ? (number / 100).ToString(CultureInfo.InvariantCulture) : null;

    public int? Integer(string key, int least, int most)
    {
        if (Number(key, least, most) is not { } number)
            return null;
        if (number == Math.Floor(number))
            return (int)number;
        problems.Add(this[key]!, $"`{key}` is a whole number from {least} to {most}; found {this[key]!.Article}.");
        return null;
    }

    /// <summary>A span such as <c>4h</c>, <c>1h30m</c> or <c>1500ms</c>.</summary>
    public TimeSpan? Duration(string key, TimeSpan least, TimeSpan most, string example, bool required = false)
    {
        if (Scalar(key, required ? example : null) is not { } scalar)
            return null;
        var span = Durations.Read(scalar.Value);
        if (span >= least && span <= most)
            return span;
        problems.Add(scalar, span is null
            ? $"`{key}` is a duration (a number with ms, s, m, h or d); found {scalar.Article}."
            : $"`{key}` lies between {Short(least)} and {Short(most)}; found {scalar.Article}.", double.TryParse(scalar.Value, CultureInfo.InvariantCulture, out _) ? $"{key}: {scalar.Value}s" : $"{key}: {example}");
        return null;
    }

    internal static string Short(TimeSpan span) => span switch
    {
        { TotalDays: >= 1 } => $"{(int)span.TotalDays}d",
        { TotalHours: >= 1 } => $"{(int)span.TotalHours}h",
        { TotalMinutes: >= 1 } => $"{(int)span.TotalMinutes}m",
        { TotalSeconds: >= 1 } => $"{(int)span.TotalSeconds}s",
        _ => $"{(int)span.TotalMilliseconds}ms",
    };

    /// <summary>A list of single values; null with a problem where it is none.</summary>
    public IReadOnlyList<YamlScalar>? Scalars(string key)
    {
        if (!Has(key))
            return null;
        if (this[key] is not YamlList list)
        {
            problems.Add(this[key]!, $"`{key}` is a list; found {this[key]!.Article}.", this[key] is YamlScalar one ? $"{key}: [{one.Value}]" : null);
            return null;
        }
        foreach (var item in list.Items.Where(item => item is not YamlScalar))
            problems.Add(item, $"`{key}` lists single values; found {item.Article}.", item is YamlMap ? "quotes around text that contains `: `" : null);
        return list.Items.OfType<YamlScalar>().ToList();
    }

    static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
