using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Hosting;

/// <summary>Makes a host a worker.</summary>
public static class WorkerHostBuilderExtensions
{
    /// <summary>With defaults.</summary>
    public static IHostBuilder ConfigureFunctionsWorkerDefaults(this IHostBuilder builder) =>
        builder.ConfigureFunctionsWorkerDefaults((_, _) => { }, configureOptions: null);

    /// <summary>With services and pipeline.</summary>
    public static IHostBuilder ConfigureFunctionsWorkerDefaults(this IHostBuilder builder, Action<IFunctionsWorkerApplicationBuilder> configure) =>
        builder.ConfigureFunctionsWorkerDefaults((_, worker) => configure(worker), configureOptions: null);

    /// <summary>With options.</summary>
    public static IHostBuilder ConfigureFunctionsWorkerDefaults(this IHostBuilder builder, Action<WorkerOptions> configureOptions) =>
        builder.ConfigureFunctionsWorkerDefaults((_, _) => { }, configureOptions);

    /// <summary>With services, pipeline and options.</summary>
    public static IHostBuilder ConfigureFunctionsWorkerDefaults(
        this IHostBuilder builder, Action<IFunctionsWorkerApplicationBuilder> configure, Action<WorkerOptions>? configureOptions) =>
        builder.ConfigureFunctionsWorkerDefaults((_, worker) => configure(worker), configureOptions);

    /// <summary>With services and pipeline.</summary>
    public static IHostBuilder ConfigureFunctionsWorkerDefaults(this IHostBuilder builder, Action<HostBuilderContext, IFunctionsWorkerApplicationBuilder> configure) =>
        builder.ConfigureFunctionsWorkerDefaults(configure, configureOptions: null);

    /// <summary>With services, pipeline and options.</summary>
    public static IHostBuilder ConfigureFunctionsWorkerDefaults(
        this IHostBuilder builder, Action<HostBuilderContext, IFunctionsWorkerApplicationBuilder> configure, Action<WorkerOptions>? configureOptions)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        return builder
            .ConfigureHostConfiguration(configuration => configuration.AddEnvironmentVariables("AZURE_FUNCTIONS_"))
            .ConfigureAppConfiguration(configuration => configuration.AddEnvironmentVariables())
            .ConfigureServices((context, services) =>
            {
                var worker = WorkerApplicationBuilder.Of(services);
                if (configureOptions is not null)
                    services.Configure(configureOptions);
                configure(context, worker);
                worker.UseDefaultWorkerMiddleware();
            });
    }
}

/// <summary>Makes a host a worker with ASP.NET Core integration.</summary>
public static class FunctionsHostBuilderExtensions
{
    /// <summary>With defaults.</summary>
    public static IHostBuilder ConfigureFunctionsWebApplication(this IHostBuilder builder) =>
        builder.ConfigureFunctionsWebApplication((_, _) => { });

    /// <summary>With services and pipeline.</summary>
    public static IHostBuilder ConfigureFunctionsWebApplication(this IHostBuilder builder, Action<IFunctionsWorkerApplicationBuilder> configureWorker) =>
        builder.ConfigureFunctionsWebApplication((_, worker) => configureWorker(worker));

    /// <summary>With services and pipeline.</summary>
    public static IHostBuilder ConfigureFunctionsWebApplication(
        this IHostBuilder builder, Action<HostBuilderContext, IFunctionsWorkerApplicationBuilder> configureWorker) =>
        builder.ConfigureFunctionsWorkerDefaults((context, worker) =>
        {
            worker.Services.AddMvc();
            configureWorker(context, worker);
        });
}
