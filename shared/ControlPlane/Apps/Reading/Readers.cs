using AiOs.DataPlane;
using AiOs.DataPlane.Yaml;

namespace AiOs.ControlPlane.Apps.Reading;

/// <summary>Who may read a document, or every document of a folder, as the manifest says.</summary>
/// <param name="Key">Where it stands.</param>
/// <param name="Path">The file, or the folder with a slash at its end, from the root of the package.</param>
/// <param name="Roles">At least one.</param>
sealed record Readers(YamlScalar Key, string Path, IReadOnlyList<string> Roles)
{
    /// <summary>Whether it speaks of that file.</summary>
    public bool Covers(string path) => Path.EndsWith('/') ? path.StartsWith(Path, StringComparison.Ordinal) : path == Path;

    /// <summary>What counts for a file: the longest path that covers it; null where none does.</summary>
    public static Readers? Of(string path, IReadOnlyList<Readers> all) => all.Where(rule => rule.Covers(path)).MaxBy(rule => rule.Path.Length);
}

/// <summary>Reads <c>roles</c> of a retrieve step: <c>{internal/: [operator], prices.md: adjuster}</c>, paths from the folder of the knowledge.</summary>
static class ReadersSection
{
    const string Example = "roles: {internal/: [operator]}";

    public static IReadOnlyList<Readers> Read(Section retrieve, string folder)
    {
        if (!retrieve.Has("roles"))
            return [];
        if (retrieve["roles"] is not YamlMap map)
        {
            retrieve.Problems.Add(retrieve["roles"]!, $"`roles` is a map from documents or folders to roles; found {retrieve["roles"]!.Article}.", Example);
            return [];
        }

        List<Readers> rules = [];
        foreach (var (key, value) in map.Entries)
        {
            var names = value switch { YamlScalar { IsNull: false } one => [one], YamlList list => list.Items.OfType<YamlScalar>().ToList(), _ => [] };
            if (names.Count == 0 || (value is YamlList { Items.Count: var count } && count != names.Count))
                retrieve.Problems.Add(value, $"`{key.Value}` needs the roles that may read it; found {value.Article}.", Example);
            foreach (var unknown in names.Where(name => !PolicyFile.RoleNames.Contains(name.Value, StringComparer.Ordinal)))
                retrieve.Problems.Add(unknown, $"There is no role `{unknown.Value}`; the roles are {string.Join(", ", PolicyFile.RoleNames)}.", DidYouMean.Nearest(unknown.Value, PolicyFile.RoleNames));
            // Whatever is wrong with it, it is known to be of this document: nobody else complains.
            rules.Add(new(key, folder.TrimEnd('/') + "/" + key.Value, [.. names.Select(name => name.Value).Intersect(PolicyFile.RoleNames, StringComparer.Ordinal)]));
        }

        return rules;
    }
}
