using System.Collections;
using AiOs.DataPlane;
using AiOs.Functions;
using AiOs.Models;
using AiOs.Observability;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace AiOs.Local.CommandLine;

/// <summary>The OS's services in this process, on a folder that lasts as long as the command.</summary>
sealed class EvalWorkspace : IAsyncDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("aios-eval-").FullName;
    readonly ServiceProvider services;

    EvalWorkspace(string? encoder, ModelUse models)
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal) { [DataPlaneSetup.DataDirectoryKey] = folder, [ModelsSetup.IntentEncoderKey] = encoder };
        foreach (var (name, value) in Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(entry => ((string)entry.Key, (string?)entry.Value)))
            if (models == ModelUse.Configured && name.StartsWith("AIOS_MODELS", StringComparison.Ordinal))
                settings[name] = value;
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning)).AddAiOs(configuration).BuildServiceProvider();
    }

    public IServiceProvider Services => services;

    /// <summary>A workspace whose database has its tables.</summary>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <param name="encoder">The folder of another encoder of intents.</param>
    /// <param name="models">With the models that the environment configures, the workspace has its settings.</param>
    public static async Task<EvalWorkspace> OpenAsync(CancellationToken cancellationToken, string? encoder = null, ModelUse models = ModelUse.None)
    {
        var workspace = new EvalWorkspace(encoder, models);
        await workspace.Services.GetRequiredService<Database>().MigrateAsync(cancellationToken);
        return workspace;
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}

/// <summary>Progress as a bar, which may be there only once there is progress.</summary>
sealed class Bar(Lazy<ProgressTask> task) : IProgress<double>
{
    public Bar(ProgressTask task) : this(new Lazy<ProgressTask>(task)) { }

    public void Report(double value) => task.Value.Value = value;
}
