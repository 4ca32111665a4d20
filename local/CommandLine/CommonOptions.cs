using System.CommandLine;

namespace AiOs.Local.CommandLine;

/// <summary>Options that every command has.</summary>
static class CommonOptions
{
    /// <summary>A fresh <c>--json</c>.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print the result as one JSON document." };

    /// <summary>A fresh <c>--data</c>.</summary>
    public static Option<string?> Data() => new("--data") { Description = "The data directory (default: .aios beside the program)." };
}
