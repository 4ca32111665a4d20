using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiOs.Local.Durable;

/// <summary>
/// One small orchestration in memory before the first engine of a process says that it is ready, so that the runtime has compiled the
/// way of a turn when the first real event comes. Without it that event waits a quarter of a second for the compiler.
/// </summary>
static class Rehearsal
{
    static readonly Lazy<Task> once = new(PlayAsync);

    /// <summary>Plays it, once a process.</summary>
    public static Task OnceAsync() => once.Value;

    // An instance that is replayed at every step, and one that stays in memory.
    static async Task PlayAsync()
    {
        await PlayAsync(warmInstances: 0);
        await PlayAsync(warmInstances: 1);
    }

    static async Task PlayAsync(int warmInstances)
    {
        var services = new ServiceCollection().BuildServiceProvider();
        var engine = new DurableEngine(Tasks(), services, new DurableEngineOptions { WarmInstances = warmInstances }, NullLoggerFactory.Instance) { Rehearses = false };
        await engine.StartAsync(CancellationToken.None);
        await PlayAsync(engine.Client);
        _ = CloseAsync(engine, services);
    }

    // Nobody waits for the curtain.
    static async Task CloseAsync(DurableEngine engine, ServiceProvider services)
    {
        await engine.DisposeAsync();
        await services.DisposeAsync();
    }

    static DurableTaskRegistry Tasks() => new DurableTaskRegistry()
        .AddOrchestratorFunc<string, string>("Rehearse", async (context, _) =>
        {
            using var over = new CancellationTokenSource();
            var late = context.CreateTimer(context.CurrentUtcDateTime.AddDays(1), over.Token);
            var cue = context.WaitForExternalEvent<string>("cue", over.Token);
            await Task.WhenAny(cue, late);
#pragma warning disable MA0042 // CancelAsync would await a foreign task, which does not replay
            over.Cancel();
#pragma warning restore MA0042
            return await context.CallActivityAsync<string>("Echo", await cue);
        })
        .AddActivityFunc<string, string>("Echo", (_, text) => text);

    static async Task PlayAsync(DurableTaskClient client)
    {
        var id = await client.ScheduleNewOrchestrationInstanceAsync("Rehearse", "input");
        await client.WaitForInstanceStartAsync(id);
        await client.RaiseEventAsync(id, "cue", "payload");
        await client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true);
    }
}
