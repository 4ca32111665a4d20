namespace AiOs.Local.CommandLine.Intents;

/// <summary>Labelled messages as CSV with a header line: a column <c>text</c>, and one named <c>label</c>, <c>intent</c> or <c>category</c>.</summary>
static class LabelledCsv
{
    static readonly string[] labels = ["label", "intent", "category"];

    public static IReadOnlyList<LabelledFile.Entry> Read(string path)
    {
        var (header, rows) = Csv.Table(path);
        var text = Csv.Find(header, "text");
        var label = labels.Select(name => Csv.Find(header, name)).FirstOrDefault(index => index >= 0, -1);
        if (text < 0 || label < 0)
            throw new CommandException($"{path}:1: the header has to name the columns text and label (or intent, or category); its columns are {string.Join(", ", header)}.", ExitCode.Usage);
        var entries = new List<LabelledFile.Entry>();
        foreach (var (line, fields) in rows)
        {
            if (fields is [{ Length: 0 }]) continue;
            if (fields.Count != header.Count)
                throw new CommandException($"{path}:{line}: there are {fields.Count} fields where the header has {header.Count}; put text with a comma in quotes.", ExitCode.Usage);
            entries.Add(LabelledFile.Labelled(path, line, fields[text], fields[label]));
        }

        return entries;
    }
}
