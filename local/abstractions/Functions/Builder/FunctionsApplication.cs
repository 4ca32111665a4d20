using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>The way into a worker.</summary>
public class FunctionsApplication
{
    /// <summary>A builder with the worker's defaults.</summary>
    public static FunctionsApplicationBuilder CreateBuilder(string[] args) => new(args);
}

/// <summary>Builds a worker: configuration, services and pipeline. Its host has them; what triggers the functions is the embedded host.</summary>
public class FunctionsApplicationBuilder : IHostApplicationBuilder, IFunctionsWorkerApplicationBuilder
{
    readonly HostApplicationBuilder host;
    readonly WorkerApplicationBuilder worker;
    bool built;

    internal FunctionsApplicationBuilder(string[] args)
    {
        var configuration = new ConfigurationManager();
        configuration.AddEnvironmentVariables("AZURE_FUNCTIONS_");
        host = new(new HostApplicationBuilderSettings { Args = args, Configuration = configuration });
        worker = WorkerApplicationBuilder.Of(host.Services);
    }

    /// <summary>Shared by those who configure.</summary>
    public IDictionary<object, object> Properties => ((IHostApplicationBuilder)host).Properties;

    IConfigurationManager IHostApplicationBuilder.Configuration => Configuration;

    /// <summary>The configuration.</summary>
    public ConfigurationManager Configuration => host.Configuration;

    /// <summary>Where the worker runs.</summary>
    public IHostEnvironment Environment => host.Environment;

    /// <summary>The logging.</summary>
    public ILoggingBuilder Logging => host.Logging;

    /// <summary>The metrics.</summary>
    public IMetricsBuilder Metrics => host.Metrics;

    /// <summary>The services.</summary>
    public IServiceCollection Services => host.Services;

    /// <summary>Builds, once.</summary>
    public IHost Build()
    {
        RequireUnbuilt();
        this.UseDefaultWorkerMiddleware();
        built = true;
        return host.Build();
    }

    /// <inheritdoc/>
    public void ConfigureContainer<TContainerBuilder>(IServiceProviderFactory<TContainerBuilder> factory, Action<TContainerBuilder>? configure = null)
        where TContainerBuilder : notnull => host.ConfigureContainer(factory, configure);

    /// <inheritdoc/>
    public IFunctionsWorkerApplicationBuilder Use(Func<FunctionExecutionDelegate, FunctionExecutionDelegate> middleware)
    {
        RequireUnbuilt();
        return worker.Use(middleware);
    }

    void RequireUnbuilt()
    {
        if (built)
            throw new InvalidOperationException("The application is built already.");
    }
}

/// <summary>ASP.NET Core integration.</summary>
public static class FunctionsApplicationBuilderAspNetCoreExtensions
{
    /// <summary>Lets functions use <c>HttpRequest</c> and <c>IActionResult</c>.</summary>
    public static FunctionsApplicationBuilder ConfigureFunctionsWebApplication(this FunctionsApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddMvc();
        return builder;
    }
}
