using System.Diagnostics;
using System.Text.Json;
using AiOs.DataPlane;
using AiOs.Local.CommandLine;
using AiOs.Local.Durable;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiOs.Bench.Engine;

/// <summary>Very many instances that wait for an event, and an engine that starts anew on their file in a new process.</summary>
static class Waiting
{
    const int AtOnce = 4000;

    /// <summary>The name of the orchestrator, whose instances count up from 0.</summary>
    const string Name = "Wait";

    /// <summary>Schedules the instances through the client and lets each run until it waits.</summary>
    public static async Task<TimeSpan> BuildAsync(string path, int count, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        var tasks = new DurableTaskRegistry().AddOrchestratorFunc<string, string>(Name, (context, _) => context.WaitForExternalEvent<string>("go", CancellationToken.None));
        await using var services = new ServiceCollection().BuildServiceProvider();
        await using var engine = new DurableEngine(tasks, services, new DurableEngineOptions { Path = path, WarmInstances = 2 * AtOnce }, NullLoggerFactory.Instance);
        await engine.StartAsync(cancellationToken);
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (number, cancellation) =>
            await engine.Client.WaitForInstanceStartAsync(
                await engine.Client.ScheduleNewOrchestrationInstanceAsync(Name, "an input", new StartOrchestrationOptions(Id(number)), cancellation), cancellation));
        return TimeProvider.System.GetElapsedTime(began);
    }

    /// <summary>The instance of that number.</summary>
    public static string Id(int number) => $"waiting-{number}";

    /// <summary>Starts an engine on the file, raises one event, and says how it went. To be run in a process that has done nothing else.</summary>
    public static async Task<Wake> WakeAsync(string path, string id, CancellationToken cancellationToken)
    {
        var woken = 0L;
        var tasks = new DurableTaskRegistry().AddOrchestratorFunc<string, string>(Name, async (context, _) =>
        {
            var said = await context.WaitForExternalEvent<string>("go", CancellationToken.None);
            if (!context.IsReplaying)
                woken = TimeProvider.System.GetTimestamp();
            return said;
        });
        await using var services = new ServiceCollection().BuildServiceProvider();
        await using var engine = new DurableEngine(tasks, services, new DurableEngineOptions { Path = path }, NullLoggerFactory.Instance);
        var began = TimeProvider.System.GetTimestamp();
        await engine.StartAsync(cancellationToken);
        var start = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        var resident = Environment.WorkingSet;
        var raised = TimeProvider.System.GetTimestamp();
        await engine.Client.RaiseEventAsync(id, "go", "gone", cancellationToken);
        var acknowledged = TimeProvider.System.GetElapsedTime(raised);
        var end = await engine.Client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true, cancellationToken);
        var completed = TimeProvider.System.GetElapsedTime(raised);
        Outcome.Require(end, "gone");
        return new(start, Math.Max(resident, Environment.WorkingSet) / 1e6,
            TimeProvider.System.GetElapsedTime(raised, woken).TotalMilliseconds, acknowledged.TotalMilliseconds, completed.TotalMilliseconds);
    }

    /// <summary>The same in a new process.</summary>
    public static async Task<Wake> WakeElsewhereAsync(string path, string id, CancellationToken cancellationToken)
    {
        var program = new ProcessStartInfo(Environment.ProcessPath!, [typeof(Waiting).Assembly.Location, "bench", WakeCommand.Name, path, id]) { RedirectStandardOutput = true, UseShellExecute = false };
        using var process = Process.Start(program)!;
        var said = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0
            ? JsonSerializer.Deserialize<Wake>(said, AiOsJson.Options)!
            : throw new CommandException($"The engine that was to wake '{id}' ended with {process.ExitCode}.", ExitCode.Failed);
    }
}

/// <summary>How an engine in a new process woke an instance.</summary>
/// <param name="StartSeconds">From the call of StartAsync until it was ready.</param>
/// <param name="ResidentMB">Resident memory of the process, 10^6 bytes.</param>
/// <param name="EventToWakeMs">From raising the process's first event to the line after the orchestrator's await.</param>
/// <param name="EventToDiskMs">From raising it to its acknowledgement, which means that it is on disk.</param>
/// <param name="EventToEndMs">From raising it until the caller knew the orchestration's end.</param>
sealed record Wake(double StartSeconds, double ResidentMB, double EventToWakeMs, double EventToDiskMs, double EventToEndMs);
