namespace AiOs.Local.CommandLine;

/// <summary>Where the project stands: the folder with the sample apps and host.json. The <c>aios</c> script passes it; a published program carries both beside itself.</summary>
static class Root
{
    /// <summary>AIOS_ROOT, else the folder of the program.</summary>
    public static string Path { get; } = Environment.GetEnvironmentVariable("AIOS_ROOT") is { Length: > 0 } root ? root : AppContext.BaseDirectory;

    /// <summary>The data directory: as given, else <c>.aios</c> in the root.</summary>
    public static string Data(string? given) => System.IO.Path.GetFullPath(given ?? System.IO.Path.Combine(Path, ".aios"));

    /// <summary>The folder of an app: a path, or the name of a sample app.</summary>
    public static string App(string folderOrName)
    {
        var samples = System.IO.Path.Combine(Path, "apps");
        foreach (var candidate in new[] { folderOrName, System.IO.Path.Combine(samples, folderOrName) })
            if (File.Exists(System.IO.Path.Combine(candidate, "app.yaml")))
                return System.IO.Path.GetFullPath(candidate);
        var missing = Directory.Exists(folderOrName) ? $"The folder '{folderOrName}' has no app.yaml."
            : File.Exists(folderOrName) ? $"'{folderOrName}' is a file."
            : $"There is neither a folder '{folderOrName}' nor a sample app of that name.";
        IEnumerable<string?> names = !Directory.Exists(samples) ? [] : Directory.GetDirectories(samples).Where(app => File.Exists(System.IO.Path.Combine(app, "app.yaml"))).Select(System.IO.Path.GetFileName).Order(StringComparer.Ordinal);
        throw new CommandException($"{missing} Give the folder that has the app's app.yaml{(string.Join(", ", names) is { Length: > 0 } known ? $", or a sample app: {known}" : "")}.", ExitCode.Usage);
    }
}
