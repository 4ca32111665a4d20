using AiOs.Local.Hosting.Discovery;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Logging;

namespace AiOs.Local.Hosting.Invocations;

/// <summary>Runs functions through the worker's pipeline, each for at most the time that host.json allows.</summary>
sealed class FunctionRunner(
    FunctionExecutionDelegate pipeline, ConverterChain converters, IServiceProvider services, HostJson host, TimeProvider time, ILogger<FunctionRunner> log)
{
    /// <summary>An execution that has not begun; the caller disposes it when it has used what came out.</summary>
    public Invocation Prepare(HostedFunction function, TriggerInput input, CancellationToken cancellationToken, RetryContext? retry = null) =>
        new(function, input, services, converters, retry, cancellationToken);

    /// <summary>Runs an execution to its end.</summary>
    /// <exception cref="FunctionTimeoutException">It took too long; it was asked to stop.</exception>
    public async Task RunAsync(Invocation invocation)
    {
        var started = time.GetTimestamp();
        try
        {
            if (host.FunctionTimeout is { } limit)
                await WithinAsync(limit, invocation);
            else
                await pipeline(invocation);
            if (log.IsEnabled(LogLevel.Debug))
                log.FunctionEnded(invocation.Function.Name, invocation.InvocationId, time.GetElapsedTime(started).TotalMilliseconds);
        }
        catch (OperationCanceledException) when (invocation.CancellationToken.IsCancellationRequested)
        {
            log.FunctionCancelled(invocation.Function.Name, invocation.InvocationId, time.GetElapsedTime(started).TotalMilliseconds);
            throw;
        }
        catch (Exception failure)
        {
            log.FunctionFailed(failure, invocation.Function.Name, invocation.InvocationId, time.GetElapsedTime(started).TotalMilliseconds);
            throw;
        }
    }

    /// <summary>Runs an orchestrator: on the thread and context of the engine, and for as long as it takes.</summary>
    public Task RunOrchestratorAsync(Invocation invocation) => pipeline(invocation);

    async Task WithinAsync(TimeSpan limit, Invocation invocation)
    {
        var execution = pipeline(invocation);
        if (execution.IsCompleted)
        {
            await execution;
            return;
        }
        try
        {
            await execution.WaitAsync(limit, time, CancellationToken.None);
        }
        catch (TimeoutException) when (!execution.IsCompleted)
        {
            await invocation.CancelAsync();
            throw new FunctionTimeoutException(invocation.Function.Name, limit);
        }
    }
}

/// <summary>A function took longer than <c>functionTimeout</c> allows.</summary>
public sealed class FunctionTimeoutException(string function, TimeSpan limit)
    : Exception($"The function '{function}' did not end within {limit:c}, which host.json sets as functionTimeout.");
