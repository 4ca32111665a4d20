using AiOs.DataPlane;
using AiOs.Functions;
using AiOs.Models;
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

    EvalWorkspace(string? encoder)
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal) { [DataPlaneSetup.DataDirectoryKey] = folder, [ModelsSetup.IntentEncoderKey] = encoder };
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning)).AddAiOs(configuration).BuildServiceProvider();
    }

    public IServiceProvider Services => services;

    /// <summary>A workspace whose database has its tables.</summary>
    /// <param name="encoder">The folder of another encoder of intents.</param>
    public static async Task<EvalWorkspace> OpenAsync(CancellationToken cancellationToken, string? encoder = null)
    {
        var workspace = new EvalWorkspace(encoder);
        await workspace.Services.GetRequiredService<Database>().MigrateAsync(cancellationToken);
        return workspace;
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }
}

/// <summary>Progress as a bar.</summary>
sealed class Bar(ProgressTask task) : IProgress<double>
{
    public void Report(double value) => task.Value = value;
}
