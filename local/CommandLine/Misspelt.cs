using System.CommandLine;
using System.CommandLine.Parsing;

namespace AiOs.Local.CommandLine;

/// <summary>Words that a command does not know, with the known one that was probably meant.</summary>
static class Misspelt
{
    /// <summary>What the script <c>aios</c> does by itself before this program.</summary>
    static readonly string[] scripted = ["test", "bench", "inference"];

    /// <summary>The first word that nothing takes, in a sentence; null where every word is taken, or where the word could not be a command nor an option.</summary>
    public static string? Of(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (parsed.UnmatchedTokens is not [var word, ..]) return null;
        if (word.StartsWith('-')) return Option(parsed.CommandResult, word);
        if (command.Subcommands.Count == 0 || command.Arguments.Count > 0) return null;
        var names = command.Subcommands.Where(known => !known.Hidden).Select(known => known.Name);
        return $"There is no command '{word}'{Meant(word, command.Parents.Any() ? names : names.Concat(scripted))}";
    }

    /// <summary>That a command has no such option, and which it has.</summary>
    public static string Option(CommandResult command, string word) =>
        $"There is no option '{word}' here{Meant(word, command.Command.Options.Where(option => !option.Hidden).Select(option => option.Name))}";

    static string Meant(string word, IEnumerable<string> known) =>
        known.Select(name => (Name: name, Edits: Edits(word, name))).Where(name => name.Edits > 0 && name.Edits <= Math.Min(2, name.Name.Length / 2)).OrderBy(name => name.Edits).Select(name => name.Name).FirstOrDefault() is { } meant
            ? $"; did you mean {meant}?" : ".";

    /// <summary>How many letters were added, left out, changed or swapped with their neighbour (optimal string alignment), whatever their case.</summary>
    static int Edits(string from, string to)
    {
        if (Math.Abs(from.Length - to.Length) > 2) return int.MaxValue;   // also bounds the table for words of any length
        var edits = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++) edits[i, 0] = i;
        for (var j = 0; j <= to.Length; j++) edits[0, j] = j;
        for (var i = 1; i <= from.Length; i++)
            for (var j = 1; j <= to.Length; j++)
            {
                edits[i, j] = Math.Min(Math.Min(edits[i - 1, j], edits[i, j - 1]) + 1, edits[i - 1, j - 1] + (Same(from[i - 1], to[j - 1]) ? 0 : 1));
                if (i > 1 && j > 1 && Same(from[i - 1], to[j - 2]) && Same(from[i - 2], to[j - 1])) edits[i, j] = Math.Min(edits[i, j], edits[i - 2, j - 2] + 1);
            }

        return edits[from.Length, to.Length];
    }

    static bool Same(char one, char other) => char.ToLowerInvariant(one) == char.ToLowerInvariant(other);
}
