using AiOs.Agents.Retrieval.Reading;
using AiOs.Agents.Retrieval;
using AiOs.DataPlane.Yaml;
using AiOs.DataPlane;
using AiOs.Policies.Cel;

namespace AiOs.ControlPlane.Apps.Reading;

/// <summary>The files of a package as the reader opens them: each YAML file is parsed once, each missing file is a problem where it is named.</summary>
sealed class AppFiles(AppPackage package, Problems problems)
{
    const int MaxYaml = 4 * 1024 * 1024;

    readonly Dictionary<string, (YamlNode? Root, Problems Problems)> open = new(StringComparer.Ordinal);

    /// <summary>The file that a manifest names; null with a problem where there is none.</summary>
    public (YamlNode? Root, Problems Problems)? Open(YamlScalar path, Problems from)
    {
        if (package.Files.ContainsKey(path.Value))
            return Open(path.Value);
        from.Add(path, $"There is no file `{path.Value}` in the app.", DidYouMean.Nearest(path.Value, package.Files.Keys) ?? package.Files.Keys.FirstOrDefault(file => file.EndsWith('/' + path.Value, StringComparison.Ordinal)));
        return null;
    }

    /// <summary>A file with a fixed name; null where the app has none.</summary>
    public (YamlNode? Root, Problems Problems)? Open(string path)
    {
        if (!package.Files.ContainsKey(path))
            return null;
        if (open.TryGetValue(path, out var known))
            return known;
        var own = problems.For(path);
        return open[path] = (Load(path, own), own);
    }

    YamlNode? Load(string path, Problems own)
    {
        if (package.Files[path].Length > MaxYaml)
            own.Add(1, 1, $"A YAML file has at most {MaxYaml / 1024 / 1024} MB.");
        else if (package.Text(path) is { } text)
            return YamlLoader.Load(text, own);
        else
            own.Add(1, 1, "The file is not UTF-8.");
        return null;
    }

    /// <summary>The documents below a folder, each for whom the manifest or else the document itself says.</summary>
    public IReadOnlyList<KnowledgeFile> Knowledge(YamlScalar folder, IReadOnlyList<Readers> readers, Problems from)
    {
        var prefix = folder.Value.TrimEnd('/') + "/";
        var found = new List<KnowledgeFile>();
        foreach (var path in package.Files.Keys.Where(path => path.StartsWith(prefix, StringComparison.Ordinal)))
            try
            {
                found.Add(KnowledgeReader.Read(path, package.Files[path], Readers.Of(path, readers)?.Roles));
            }
            catch (InvalidDataException unreadable)
            {
                problems.For(path).Add(1, 1, unreadable.Message);
            }
        foreach (var rule in readers.Where(rule => !package.Files.Keys.Any(rule.Covers)))   // a rule for nothing is a mistyped one, which would leave a document open to everybody
            from.Add(rule.Key, $"There is no document `{rule.Path}`.", DidYouMean.Nearest(rule.Key.Value, package.Files.Keys.Where(path => path.StartsWith(prefix, StringComparison.Ordinal)).Select(path => path[prefix.Length..])));
        if (found.Count == 0)
            from.Add(folder, $"The folder `{folder.Value}` holds no document.", DidYouMean.Nearest(prefix, package.Files.Keys.Where(path => path.Contains('/', StringComparison.Ordinal)).Select(path => path[..(path.IndexOf('/', StringComparison.Ordinal) + 1)]).Distinct(StringComparer.Ordinal)));
        return found;
    }
}
