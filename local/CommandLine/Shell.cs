using System.Text.Json;
using AiOs.DataPlane;
using Spectre.Console;

namespace AiOs.Local.CommandLine;

/// <summary>Where a command speaks: results on standard output (as text or, with --json, as one JSON document), progress and errors on standard error.</summary>
sealed class Shell(bool json)
{
    /// <summary>Standard error, for progress that must not mix with results.</summary>
    public IAnsiConsole Progress { get; } = For(Console.Error, Console.IsErrorRedirected);

    /// <summary>Standard output, for results.</summary>
    readonly IAnsiConsole results = For(Console.Out, Console.IsOutputRedirected);

    /// <summary>Whether results are for a program.</summary>
    public bool Json => json;

    /// <summary>Prints the result: as JSON, or by <paramref name="text"/> for a person.</summary>
    public void Result(object value, Action<IAnsiConsole> text)
    {
        if (json) Console.Out.WriteLine(JsonSerializer.Serialize(value, Indented));
        else text(results);
    }

    /// <summary>A line for the person who waits.</summary>
    public void Note(string line) => Progress.WriteLine(line);

    /// <summary>A file or a pipe gets plain lines that are not broken at a screen's edge.</summary>
    static IAnsiConsole For(TextWriter writer, bool redirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer), Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect, ColorSystem = redirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect });
        if (redirected) console.Profile.Width = 400;
        return console;
    }

    static readonly JsonSerializerOptions Indented = new(AiOsJson.Options) { WriteIndented = true };
}
