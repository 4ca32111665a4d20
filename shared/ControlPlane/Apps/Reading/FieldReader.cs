using AiOs.Agents.Extraction;
using AiOs.DataPlane.Yaml;
using AiOs.DataPlane;
using AiOs.Policies.Cel;

namespace AiOs.ControlPlane.Apps.Reading;

/// <summary>Reads one field of an extract step: a kind, a pattern in quotes, a list of choices, or a map that says more about one of these.</summary>
static class FieldReader
{
    static readonly Dictionary<string, FieldKind> Kinds = new(StringComparer.Ordinal)
    {
        ["money"] = FieldKind.Money, ["date"] = FieldKind.Date, ["number"] = FieldKind.Number, ["integer"] = FieldKind.Integer, ["text"] = FieldKind.Text,
        ["quantity"] = FieldKind.Quantity,
        ["email"] = FieldKind.Email, ["phone"] = FieldKind.Phone, ["iban"] = FieldKind.Iban, ["card"] = FieldKind.Card,
    };

    public static FieldSpec? Read(string name, bool optional, YamlNode value, IReadOnlyList<string> mask, Problems problems)
    {
        switch (value)
        {
            case YamlMap map:
                return Described(name, optional, map, mask, problems);
            case YamlList list:
                return Choice(name, optional, list, problems);
            case YamlScalar scalar when Kinds.TryGetValue(scalar.Value, out var kind):
                if (kind is FieldKind.Email or FieldKind.Phone or FieldKind.Iban or FieldKind.Card && !mask.Contains(scalar.Value, StringComparer.Ordinal))
                    problems.Add(scalar, $"The field `{name}` reads the stand-ins that masking leaves, so `{scalar.Value}` must be masked.", $"mask: [{string.Join(", ", mask.Append(scalar.Value))}]");
                return new FieldSpec(name, kind, optional);
            case YamlScalar { Plain: true } scalar:
                var meant = scalar.Value.ToLowerInvariant() switch
                {
                    "int" or "long" => "integer",
                    "decimal" or "double" or "float" => "number",
                    "amount" or "currency" => "money",
                    "string" => "text",
                    "mail" or "e-mail" => "email",
                    "datetime" or "time" or "timestamp" => "date",
                    var other => DidYouMean.Nearest(other, Kinds.Keys),
                };
                problems.Add(scalar, $"There is no kind of field {scalar.Article}. There are: {DidYouMean.List(Kinds.Keys)}, a pattern in quotes, or a list of choices.", meant ?? $"'{scalar.Value}' for a pattern");
                return null;
            case YamlScalar scalar:
                return Pattern(name, optional, scalar, problems);
            default:
                problems.Add(value, $"The field `{name}` is a kind, a pattern in quotes, a list of choices or a map; found {value.Article}.", $"{name}: text");
                return null;
        }
    }

    /// <summary><c>{kind | pattern | choices, unit, after, before, ask}</c>.</summary>
    static FieldSpec? Described(string name, bool optional, YamlMap map, IReadOnlyList<string> mask, Problems problems)
    {
        if (Section.Of(map, problems, $"the field `{name}`", "kind", "pattern", "choices", "unit", "after", "before", "ask") is not { } field)
            return null;
        var said = new[] { "kind", "pattern", "choices" }.Where(field.Has).ToList();
        if (said.Count != 1)
        {
            problems.Add(map, $"The field `{name}` has exactly one of `kind`, `pattern` and `choices`.", $"{name}: {{kind: text, ask: ...}}");
            return null;
        }
        var value = field[said[0]]!;
        if ((said[0] == "choices") != (value is YamlList) || value is YamlMap)
        {
            problems.Add(value, $"`{said[0]}` is {(said[0] == "choices" ? "a list" : "a single value")}; found {value.Article}.", said[0] == "choices" ? "choices: [small, large]" : null);
            return null;
        }
        if (said[0] != "choices" && value is YamlScalar scalar)
            value = scalar with { Plain = said[0] == "kind" };
        if (Read(name, optional, value, mask, problems) is not { } read)
            return null;
        Belongs(field, "unit", read.Kind == FieldKind.Quantity, "quantity", problems);
        Belongs(field, "after", read.Kind == FieldKind.Text, "text", problems);
        Belongs(field, "before", read.Kind == FieldKind.Text, "text", problems);
        return read with { Unit = field.Word("unit", Units.Names), After = field.Text("after", 100), Before = field.Text("before", 100), Ask = field.Text("ask", 300) };
    }

    static void Belongs(Section field, string key, bool right, string kind, Problems problems)
    {
        if (field.Has(key) && !right)
            problems.Add(field[key]!, $"Only a field of kind `{kind}` has `{key}`.", $"kind: {kind}");
    }

    static FieldSpec? Choice(string name, bool optional, YamlList list, Problems problems)
    {
        foreach (var item in list.Items.Where(item => item is not YamlScalar { Value.Length: > 0 and <= 100 }))
            problems.Add(item, "A choice is a text of 1 to 100 characters.");
        var choices = list.Items.OfType<YamlScalar>().Select(item => item.Value).ToList();
        if (choices.Count is < 1 or > 200)
            problems.Add(list, "A field has between 1 and 200 choices.");
        foreach (var twice in list.Items.OfType<YamlScalar>().GroupBy(item => item.Value, StringComparer.OrdinalIgnoreCase).Where(same => same.Count() > 1))
            problems.Add(twice.Last(), $"The choice `{twice.Key}` stands twice.");
        return new FieldSpec(name, FieldKind.Choice, optional, Choices: choices);
    }

    static FieldSpec? Pattern(string name, bool optional, YamlScalar scalar, Problems problems)
    {
        try
        {
            if (SafePattern.Compile(scalar.Value).IsMatch(""))
                problems.Add(scalar, $"The pattern of `{name}` also matches nothing at all.", "a pattern with at least one character in it");
            return new FieldSpec(name, FieldKind.Pattern, optional, scalar.Value);
        }
        catch (FormatException wrong)
        {
            problems.Add(scalar, wrong.Message);
            return null;
        }
    }
}
