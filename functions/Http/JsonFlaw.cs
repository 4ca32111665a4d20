using System.Text.Json;

namespace AiOs.Functions.Http;

/// <summary>What the grammar of JSON allows and nobody can handle: an unpaired surrogate, a number beyond every double, the same member twice.</summary>
static class JsonFlaw
{
    /// <summary>The first flaw at any depth, with its path (<c>attributes.items[2].price</c>, <c>$</c> for the whole), or null.</summary>
    public static FieldProblem? Find(JsonElement root) => Find(root, "");

    static FieldProblem? Find(JsonElement value, string path) => value.ValueKind switch
    {
        JsonValueKind.Object => InObject(value, path),
        JsonValueKind.Array => InArray(value, path),
        JsonValueKind.String => Text(value) is null ? new(Name(path), "holds an unpaired surrogate; send valid Unicode.") : null,
        JsonValueKind.Number => value.TryGetDouble(out var number) && double.IsFinite(number) ? null : new(Name(path), "is a number that no double can hold."),
        _ => null,
    };

    static FieldProblem? InObject(JsonElement value, string path)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            if (MemberName(member) is not { } name) return new(Name(path), "has a member whose name holds an unpaired surrogate; send valid Unicode.");
            var below = path.Length == 0 ? name : $"{path}.{name}";
            if (!names.Add(name)) return new(below, "appears twice; send it once.");
            if (Find(member.Value, below) is { } flaw) return flaw;
        }

        return null;
    }

    static FieldProblem? InArray(JsonElement value, string path)
    {
        var index = 0;
        foreach (var item in value.EnumerateArray())
            if (Find(item, FormattableString.Invariant($"{path}[{index++}]")) is { } flaw)
                return flaw;
        return null;
    }

    static string? Text(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    static string? MemberName(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    static string Name(string path) => path.Length == 0 ? "$" : path;
}
