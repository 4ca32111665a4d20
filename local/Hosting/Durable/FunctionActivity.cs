using AiOs.Local.Hosting.Discovery;
using AiOs.Local.Hosting.Invocations;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Entities;

namespace AiOs.Local.Hosting.Durable;

/// <summary>An activity function as the engine runs it, in the service scope that the engine opened for it.</summary>
sealed class FunctionActivity(HostedFunction function, FunctionRunner runner, DurableClientSource durable, IServiceProvider services, CancellationToken stopping) : ITaskActivity
{
    public Type InputType { get; } = function.Arguments.First(a => a.Name == function.TriggerParameter).Type;

    public Type OutputType => function.ResultType ?? typeof(object);

    public async Task<object?> RunAsync(TaskActivityContext context, object? input)
    {
        var data = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase) { ["instanceId"] = context.InstanceId };
        await using var invocation = runner.Prepare(function, new(input, data), stopping);
        invocation.InstanceServices = services;
        durable.Offer(invocation);
        await runner.RunAsync(invocation);
        return invocation.Bindings.Result;
    }
}

/// <summary>An entity function as the engine runs it: once per operation.</summary>
sealed class FunctionEntity(HostedFunction function, FunctionRunner runner, DurableClientSource durable, IServiceProvider services, CancellationToken stopping) : ITaskEntity
{
    public async ValueTask<object?> RunAsync(TaskEntityOperation operation)
    {
        var dispatcher = new TaskEntityDispatcher(operation, services);
        await using var invocation = runner.Prepare(function, new(dispatcher), stopping);
        invocation.InstanceServices = services;
        durable.Offer(invocation);
        await runner.RunAsync(invocation);
        return dispatcher.Result;
    }
}
