using AiOs.DataPlane;
using AiOs.Functions;
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

    EvalWorkspace()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal) { [DataPlaneSetup.DataDirectoryKey] = folder }).Build();
        services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning)).AddAiOs(configuration).BuildServiceProvider();
    }

    public IServiceProvider Services => services;

    /// <summary>A workspace whose database has its tables.</summary>
    public static async Task<EvalWorkspace> OpenAsync(CancellationToken cancellationToken)
    {
        var workspace = new EvalWorkspace();
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
