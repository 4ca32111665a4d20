using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace AiOs.DataPlane.Yaml;

/// <summary>Reads one YAML document into a tree with places. No anchors, aliases or tags (so nothing grows while it is read), at most 24 levels, no key twice.</summary>
sealed class YamlLoader
{
    const int MaxDepth = 24;

    readonly Parser parser;
    readonly Problems problems;

    YamlLoader(string text, Problems problems) => (parser, this.problems) = (new Parser(new StringReader(text)), problems);

    /// <summary>The document, or null (with a problem) where the text is no YAML or empty.</summary>
    public static YamlNode? Load(string text, Problems problems)
    {
        try
        {
            return new YamlLoader(text, problems).Document();
        }
        catch (YamlException wrong)
        {
            problems.Add(Math.Max(1, (long)wrong.Start.Line), Math.Max(1, (long)wrong.Start.Column), $"This is no YAML: {Sentence(wrong)}", Hint(wrong));
            return null;
        }
    }

    static string Sentence(YamlException wrong)
    {
        var message = wrong.InnerException?.Message ?? wrong.Message;
        var cut = message.StartsWith('(') && message.IndexOf("): ", StringComparison.Ordinal) is > 0 and var at ? message[(at + 3)..] : message;
        return cut.TrimEnd('.') + ".";
    }

    static string? Hint(YamlException wrong) =>
        wrong.Message.Contains("mapping values are not allowed", StringComparison.OrdinalIgnoreCase) || wrong.Message.Contains("While parsing a block mapping", StringComparison.OrdinalIgnoreCase)
            ? "quotes around text that contains `: ` or starts with a quote" : null;

    YamlNode? Document()
    {
        parser.MoveNext();
        parser.MoveNext();
        if (parser.Current is not DocumentStart)
        {
            problems.Add(1, 1, "The file is empty.");
            return null;
        }
        parser.MoveNext();
        var root = Node(0);
        parser.MoveNext();
        if (parser.MoveNext() && parser.Current is DocumentStart second)
            problems.Add(second.Start.Line, second.Start.Column, "A file holds one document; a second starts here.");
        return root;
    }

    YamlNode Node(int depth)
    {
        var current = parser.Current!;
        if (depth > MaxDepth)
            throw new YamlException(current.Start, current.End, $"it nests deeper than {MaxDepth} levels.");
        if (current is AnchorAlias || current is NodeEvent { Anchor.IsEmpty: false })
            throw new YamlException(current.Start, current.End, "anchors (&) and aliases (*) are not used in manifests; quotes make text of such a value.");
        if (current is NodeEvent { Tag.IsEmpty: false })
            throw new YamlException(current.Start, current.End, "tags (!) are not used in manifests; quotes make text of a value that starts with `!`.");
        return current switch
        {
            MappingStart => Map(depth),
            SequenceStart => List(depth),
            Scalar scalar => Take(scalar),
            _ => throw new YamlException(current.Start, current.End, "a value is expected here."),
        };
    }

    YamlScalar Take(Scalar scalar)
    {
        parser.MoveNext();
        var plain = scalar.Style == ScalarStyle.Plain;
        var oneLine = scalar.Start.Line == scalar.End.Line && scalar.Style is ScalarStyle.Plain or ScalarStyle.SingleQuoted or ScalarStyle.DoubleQuoted;
        return new YamlScalar(scalar.Value, plain, oneLine ? scalar.Start.Column + (plain ? 0 : 1) : 0, scalar.Start.Line, scalar.Start.Column);
    }

    YamlList List(int depth)
    {
        var start = parser.Current!.Start;
        parser.MoveNext();
        var items = new List<YamlNode>();
        while (parser.Current is not SequenceEnd)
            items.Add(Node(depth + 1));
        parser.MoveNext();
        return new YamlList(items, start.Line, start.Column);
    }

    YamlMap Map(int depth)
    {
        var start = parser.Current!.Start;
        parser.MoveNext();
        var entries = new List<KeyValuePair<YamlScalar, YamlNode>>();
        var seen = new Dictionary<string, YamlScalar>(StringComparer.Ordinal);
        while (parser.Current is not MappingEnd)
        {
            var at = parser.Current!.Start;
            if (Node(depth + 1) is not YamlScalar key)
                throw new YamlException(at, at, "a key is a single word.");
            var value = Node(depth + 1);
            if (seen.TryGetValue(key.Value, out var first))
                problems.Add(key, $"`{key.Value}` stands twice; first in line {first.Line}.");
            else
                entries.Add(new(seen[key.Value] = key, value));
        }
        parser.MoveNext();
        return new YamlMap(entries, start.Line, start.Column);
    }
}
