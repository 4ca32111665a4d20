using AiOs.Agents.Intent;

namespace AiOs.Local.CommandLine.Intents;

/// <summary>Reads labelled messages from a file: CSV (<see cref="LabelledCsv"/>) or, by its first character, JSON (<see cref="LabelledJson"/>).</summary>
static class LabelledFile
{
    static readonly string[] outOfScope = ["oos", "outOfScope", "out_of_scope", "out-of-scope"];

    /// <summary>A message and where it stands.</summary>
    public sealed record Entry(string Text, string? Intent, int Line);

    /// <summary>The messages of the file's training or test part.</summary>
    /// <exception cref="CommandException">The file is missing or damaged; the message names file and line.</exception>
    public static IReadOnlyList<Entry> Read(string path, Part part)
    {
        if (!File.Exists(path)) throw new CommandException($"{path} does not exist.", ExitCode.Usage);
        var entries = IsJson(path) ? LabelledJson.Read(path, part) : LabelledCsv.Read(path);
        return entries.Count > 0 ? entries : throw new CommandException($"{path} holds no labelled messages.", ExitCode.Usage);
    }

    /// <summary>The entry for a text and a label as a file has them; a label that says "none of them" becomes null.</summary>
    public static Entry Labelled(string path, int line, string text, string label)
    {
        if (string.IsNullOrWhiteSpace(text)) throw new CommandException($"{path}:{line}: the text is empty.", ExitCode.Usage);
        if (string.IsNullOrWhiteSpace(label)) throw new CommandException($"{path}:{line}: the label is empty; write the intent, or oos for a message that is none of them.", ExitCode.Usage);
        return new(text, outOfScope.Contains(label.Trim(), StringComparer.OrdinalIgnoreCase) ? null : label.Trim(), line);
    }

    /// <summary>What the classifier's evaluation takes.</summary>
    public static LabelledMessage[] Messages(IEnumerable<Entry> entries) => [.. entries.Select(entry => new LabelledMessage(entry.Text, entry.Intent))];

    static bool IsJson(string path)
    {
        using var reader = new StreamReader(path);
        int next;
        while ((next = reader.Read()) >= 0 && char.IsWhiteSpace((char)next))
        {
        }

        return next is '{' or '[';
    }
}

/// <summary>Which part of a file that holds several is meant.</summary>
enum Part { Train, Test }
