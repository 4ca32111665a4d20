namespace AiOs.DataPlane.Yaml;

/// <summary>Collects the problems of one file; a place is complained about once in the same words, and at most 200 are kept.</summary>
sealed class Problems(string file, List<ManifestProblem> all)
{
    const int Most = 200;

    public string File => file;

    public List<ManifestProblem> All => all;

    public Problems For(string other) => new(other, all);

    public void Add(YamlNode at, string message, string? suggestion = null) => Add(at.Line, at.Column, message, suggestion);

    public void Add(long line, long column, string message, string? suggestion = null)
    {
        var problem = new ManifestProblem(file, line, column, message, suggestion);
        if (all.Count < Most && !all.Contains(problem))
            all.Add(problem);
    }

    /// <summary>A name that does not exist, with the nearest that does.</summary>
    public void Unknown(YamlNode at, string what, string name, IEnumerable<string> known)
    {
        var names = known.ToList();
        Add(at, $"There is no {what} `{name}`. There {(names.Count == 1 ? "is" : "are")}: {DidYouMean.List(names)}.", DidYouMean.Nearest(name, names));
    }
}
