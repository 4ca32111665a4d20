namespace AiOs.Local.CommandLine.Crash;

/// <summary>
/// What drill and worker tell each other over the worker's standard input and output: one line each, words between tabs, a full stop
/// at the end. A line that a kill cut off has no full stop and does not count.
/// </summary>
static class Line
{
    const string End = "\t.";

    public static string Of(params ReadOnlySpan<string> words) => string.Join('\t', words) + End;

    /// <summary>The words; null when the line is not whole.</summary>
    public static string[]? Words(string line) => line.EndsWith(End, StringComparison.Ordinal) ? line[..^End.Length].Split('\t') : null;
}
