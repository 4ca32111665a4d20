using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Where an app adds its services and its pipeline.</summary>
public interface IFunctionsWorkerApplicationBuilder
{
    /// <summary>The services.</summary>
    IServiceCollection Services { get; }

    /// <summary>Adds a step to the pipeline.</summary>
    IFunctionsWorkerApplicationBuilder Use(Func<FunctionExecutionDelegate, FunctionExecutionDelegate> middleware);
}

/// <summary>Services and the pipeline of one worker; one per service collection.</summary>
sealed class WorkerApplicationBuilder : IFunctionsWorkerApplicationBuilder
{
    readonly List<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> steps = [];

    WorkerApplicationBuilder(IServiceCollection services) => Services = services;

    public IServiceCollection Services { get; }

    public IFunctionsWorkerApplicationBuilder Use(Func<FunctionExecutionDelegate, FunctionExecutionDelegate> middleware)
    {
        ArgumentNullException.ThrowIfNull(middleware);
        steps.Add(middleware);
        return this;
    }

    public FunctionExecutionDelegate Build()
    {
        FunctionExecutionDelegate pipeline = static _ => Task.CompletedTask;
        for (var i = steps.Count - 1; i >= 0; i--)
            pipeline = steps[i](pipeline);
        return pipeline;
    }

    /// <summary>The builder of these services: the one that is there, or a new one with the worker's defaults.</summary>
    public static WorkerApplicationBuilder Of(IServiceCollection services)
    {
        if (services.FirstOrDefault(s => s.ServiceType == typeof(WorkerApplicationBuilder))?.ImplementationInstance is WorkerApplicationBuilder present)
            return present;
        var builder = new WorkerApplicationBuilder(services);
        services.AddSingleton(builder);
        services.AddSingleton<IFunctionsWorkerApplicationBuilder>(builder);
        services.AddSingleton(static s => s.GetRequiredService<WorkerApplicationBuilder>().Build());
        WorkerDefaults.Add(services);
        return builder;
    }
}
