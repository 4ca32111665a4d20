using System.Text.Json;
using AiOs.DataPlane;
using Spectre.Console;

namespace AiOs.Local.CommandLine;

/// <summary>Where a command speaks: results on standard output (as text or, with --json, as one JSON document), progress and errors on standard error.</summary>
sealed class Shell(bool json)
{
    /// <summary>Standard error, for progress that must not mix with results.</summary>
    public IAnsiConsole Progress { get; } = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    /// <summary>Whether results are for a program.</summary>
    public bool Json => json;

    /// <summary>Prints the result: as JSON, or by <paramref name="text"/> for a person.</summary>
    public void Result(object value, Action<IAnsiConsole> text)
    {
        if (json) Console.Out.WriteLine(JsonSerializer.Serialize(value, Indented));
        else text(AnsiConsole.Console);
    }

    /// <summary>A line for the person who waits.</summary>
    public void Note(string line) => Progress.WriteLine(line);

    static readonly JsonSerializerOptions Indented = new(AiOsJson.Options) { WriteIndented = true };
}
