using AiOs.Security;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace AiOs.Agents.Retrieval.Reading;

/// <summary>Who may read a document.</summary>
static class ReaderRoles
{
    /// <summary>The roles that a Markdown document's front matter names (<c>roles: [operator, adjuster]</c> or one word); none where it says nothing.</summary>
    /// <exception cref="InvalidDataException">The front matter cannot be read; names the file.</exception>
    public static IReadOnlyList<string> OfFrontMatter(string path, string text)
    {
        var lines = text.Split('\n');
        if (lines[0].TrimEnd() != "---" || Array.FindIndex(lines, 1, l => l.TrimEnd() == "---") is var end && end < 0)
            return [];
        try
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(string.Join('\n', lines[1..end])));
            return yaml.Documents is [{ RootNode: YamlMappingNode map }] && map.Children.TryGetValue("roles", out var roles) ? Names(path, roles) : [];
        }
        catch (YamlException wrong)
        {
            throw new InvalidDataException($"{path}: the front matter is no YAML: {wrong.Message}", wrong);
        }
    }

    /// <summary>The roles, each of which must be one of the OS.</summary>
    /// <exception cref="InvalidDataException">One is not; names the file.</exception>
    public static IReadOnlyList<string> Checked(string path, IReadOnlyList<string> roles) =>
        roles.FirstOrDefault(role => Roles.Find(role) is null) is { } unknown ? throw new InvalidDataException($"{path}: there is no role `{unknown}`; the roles are owner, adjuster, operator, client.")
            : [.. roles.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    static IReadOnlyList<string> Names(string path, YamlNode roles) => roles switch
    {
        YamlScalarNode { Value: { Length: > 0 } one } => [one],
        YamlSequenceNode { Children: { Count: > 0 } many } when many.All(r => r is YamlScalarNode { Value: not null }) => [.. many.Select(r => ((YamlScalarNode)r).Value!)],
        _ => throw new InvalidDataException($"{path}: `roles` in the front matter must be a list of roles, for example roles: [operator]."),
    };
}
