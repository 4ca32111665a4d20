using System.Reflection;
using AiOs.Local.Durable.Determinism;
using AiOs.Local.Hosting.Discovery;
using AiOs.Local.Hosting.Invocations;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace AiOs.Local.Hosting.Durable;

/// <summary>
/// An orchestrator function as the engine runs it. Middleware runs around it on the orchestrator's own thread, once per replay, so it must not
/// await anything but what it wraps; what comes after <c>next</c> runs when the orchestration ends.
/// </summary>
sealed class FunctionOrchestrator(HostedFunction function, FunctionRunner runner) : ITaskOrchestrator, IRunsMethod
{
    readonly Argument? input = function.Arguments.FirstOrDefault(a =>
        a.Binding is null && a.Name != function.TriggerParameter && a.Type != typeof(FunctionContext) && a.Type != typeof(CancellationToken));

    public Type InputType => input?.Type ?? typeof(object);

    public MethodBase Method => function.Method;

    public Type OutputType => function.ResultType ?? typeof(object);

    public async Task<object?> RunAsync(TaskOrchestrationContext context, object? input)
    {
        var inside = new FunctionOrchestrationContext(context);
        var data = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase) { ["instanceId"] = context.InstanceId };
        if (this.input is not null)
            data[this.input.Name] = input;
        var invocation = runner.Prepare(function, new(inside, data), CancellationToken.None);
        inside.FunctionContext = invocation;
        try
        {
            await runner.RunOrchestratorAsync(invocation);
            return invocation.Bindings.Result;
        }
        finally
        {
            // Services are disposed elsewhere, because that may await, and nothing but durable tasks may be awaited here.
            _ = invocation.HasScope ? Task.Run(() => invocation.DisposeAsync().AsTask(), CancellationToken.None) : invocation.DisposeAsync().AsTask();
        }
    }
}
