using AiOs.DataPlane;
using AiOs.Local.Hosting.Discovery;
using AiOs.Local.Hosting.Durable;
using AiOs.Local.Hosting.Durable.Management;
using AiOs.Local.Hosting.Http;
using AiOs.Local.Hosting.Invocations;
using AiOs.Local.Hosting.Queues;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.ApplicationParts;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AiOs.Local.Hosting;

/// <summary>Puts a host together: configuration, the app's services and middleware, the host's own, Kestrel and routes.</summary>
static class HostAssembly
{
    public static WebApplication Build(EmbeddedHostOptions options, WorkingDirectory directory)
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = typeof(HostAssembly).Assembly.GetName().Name });
        if (options.Configuration is { } given)
            builder.Configuration.AddConfiguration(given);
        builder.Configuration.AddInMemoryCollection([new(DataPlaneSetup.DataDirectoryKey, directory.Path)]);
        options.Logging?.Invoke(builder.Logging);
        var host = HostJson.Read(options.HostJsonPath);
        var settings = new Settings(builder.Configuration);
        var functions = FunctionIndex.Read(options.Assemblies, settings);

        builder.WebHost.UseSockets(sockets => sockets.WaitForDataBeforeAllocatingBuffer = false);   // one system call less a request for 4 KiB a connection
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 210 * 1024 * 1024;   // what the Functions host takes
            kestrel.Listen(options.Address, options.Port);
        });
        builder.Services.AddSingleton(options.TimeProvider);
        builder.Services.AddSingleton(new ApplicationPartManager());   // MVC is here for results and bodies; it need not look for controllers
        var worker = WorkerApplicationBuilder.Of(builder.Services);
        options.Configure?.Invoke(worker, builder.Configuration);
        worker.UseDefaultWorkerMiddleware();
        AddHost(builder.Services, options, directory, host, functions);

        var app = builder.Build();
        app.UseRouting();
        ((IEndpointRouteBuilder)app).DataSources.Add(new FunctionEndpoints(functions.Where(f => !settings.Disabled(f.Name)), host.RoutePrefix, app.Services.GetRequiredService<HttpExecution>()));
        ((IEndpointRouteBuilder)app).DataSources.Add(ActivatorUtilities.CreateInstance<ManagementEndpoints>(app.Services, options.ManagementGate ?? ManagementEndpoints.Closed));
        if (options.Home is { } home)
            app.MapMethods("/", [HttpMethods.Get, HttpMethods.Head], context =>
            {
                context.Response.Redirect(home);
                return Task.CompletedTask;
            });
        return app;
    }

    static void AddHost(IServiceCollection services, EmbeddedHostOptions options, WorkingDirectory directory, HostJson host, IReadOnlyList<HostedFunction> functions)
    {
        services.AddRouting();
        services.AddMvcCore();
        services.AddLogging();
        services.Configure<HostOptions>(o => o.ShutdownTimeout = options.DrainTime + TimeSpan.FromSeconds(20));
        services.Configure<WorkerOptions>(o => o.InputConverters.RegisterAt<HttpRequestDataConverter>(0));
        services.AddSingleton(options);
        services.AddSingleton(host);
        services.AddSingleton(host.Queues);
        services.AddSingleton(functions);
        services.AddSingleton(_ => new HostStore(Path.Combine(directory.Path, "host.db"), options.TimeProvider));
        services.AddSingleton<MatcherPolicy, FunctionMethodPolicy>();
        services.AddSingleton<ConverterChain>();
        services.AddSingleton<FunctionRunner>();
        services.AddSingleton<HttpExecution>();
        services.AddSingleton<QueueOutputs>();
        services.AddSingleton<MessageExecution>();
        services.AddSingleton<DurableClientSource>();
        services.AddSingleton(directory);
        services.AddSingleton<DurableHost>();
        services.AddHostedService(provider => provider.GetRequiredService<DurableHost>());
        services.AddHostedService<TriggerHost>();
    }
}
