using AiOs.DataPlane.Yaml;
using Microsoft.Extensions.Configuration;

namespace AiOs.Serving.Routing;

/// <summary>Where models come from: the file that <c>AIOS_MODELS</c> names, and the settings <c>AIOS_MODELS_&lt;NAME&gt;_*</c> for models of one deployment.</summary>
static class ModelsSource
{
    /// <summary>Configuration key of the file's path.</summary>
    public const string FileKey = "AIOS_MODELS";

    /// <summary>Every model of this installation.</summary>
    /// <exception cref="FormatException">Something makes no sense; the message lists all of it with its places.</exception>
    public static IReadOnlyList<RouteSettings> Read(IConfiguration configuration)
    {
        var set = ModelSettings.All(configuration);
        if (configuration[FileKey] is not { Length: > 0 } path)
            return set;
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"{FileKey} names the file {path}, which cannot be read; write models there or leave the setting out.", e);
        }
        var problems = new List<ManifestProblem>();
        var read = ModelsFile.Read(text, new Problems(path, problems));
        if (problems.Count > 0)
            throw new FormatException(string.Join('\n', problems));
        foreach (var twice in read.Select(model => model.Name).Intersect(set.Select(model => model.Name), StringComparer.Ordinal))
            throw new FormatException($"The model '{twice}' stands in {path} and in settings AIOS_MODELS_*; one of them is too much.");
        return [.. read, .. set];
    }
}
