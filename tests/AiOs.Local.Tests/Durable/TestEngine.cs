using AiOs.Local.Durable;
using AiOs.Local.Tests.Durable.Disks;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiOs.Local.Tests.Durable;

/// <summary>Where and how an engine under test works: the same behaviour is expected of all.</summary>
public enum Keeping
{
    /// <summary>Everything in memory, waiting code stays there.</summary>
    InMemory,

    /// <summary>On a file, waiting code stays in memory.</summary>
    OnFile,

    /// <summary>On a file, and every step replays the history.</summary>
    Replaying,
}

/// <summary>An engine with tasks registered in code. Nothing else: no host, no port.</summary>
sealed class TestEngine : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    readonly TemporaryFolder? folder;
    readonly ServiceProvider services;
    bool gone;

    TestEngine(DurableEngine engine, ServiceProvider services, TemporaryFolder? folder) => (Engine, this.services, this.folder) = (engine, services, folder);

    public DurableEngine Engine { get; }

    public DurableTaskClient Client => Engine.Client;

    public static Task<TestEngine> StartAsync(Keeping keeping, Action<DurableTaskRegistry> tasks, TimeProvider? clock = null, ILoggerFactory? loggers = null)
    {
        var place = keeping == Keeping.InMemory ? null : new TemporaryFolder();
        var options = new DurableEngineOptions
        {
            Path = place?.File("durable.db"),
            WarmInstances = keeping == Keeping.Replaying ? 0 : 100,
            TimeProvider = clock ?? TimeProvider.System,
        };
        return StartAsync(options, tasks, place, configure: null, loggers);
    }

    public static async Task<TestEngine> StartAsync(
        DurableEngineOptions options,
        Action<DurableTaskRegistry> tasks,
        TemporaryFolder? place = null,
        Action<IServiceCollection>? configure = null,
        ILoggerFactory? loggers = null)
    {
        var registry = new DurableTaskRegistry();
        tasks(registry);
        var collection = new ServiceCollection();
        configure?.Invoke(collection);
        var provider = collection.BuildServiceProvider();
        var engine = new DurableEngine(registry, provider, options, loggers ?? NullLoggerFactory.Instance) { Files = VfsShim.Open };
        await engine.StartAsync(TestContext.Current.CancellationToken);
        return new(engine, provider, place);
    }

    /// <summary>Runs an orchestration to its end.</summary>
    public async Task<OrchestrationMetadata> RunAsync(string name, object? input = null, StartOrchestrationOptions? options = null) =>
        await EndOf(await Client.ScheduleNewOrchestrationInstanceAsync(name, input, options));

    /// <summary>Runs an orchestration that completes, for its output.</summary>
    public async Task<T?> RunAsync<T>(string name, object? input = null)
    {
        var end = await RunAsync(name, input);
        Assert.True(end.RuntimeStatus == OrchestrationRuntimeStatus.Completed, $"{end.RuntimeStatus}: {end.FailureDetails} {end.FailureDetails?.InnerFailure}");
        return end.ReadOutputAs<T>();
    }

    public async Task<OrchestrationMetadata> EndOf(string instanceId) =>
        await Client.WaitForInstanceCompletionAsync(instanceId, getInputsAndOutputs: true).WaitAsync(Patience);

    public async Task<OrchestrationMetadata> StartOf(string instanceId) =>
        await Client.WaitForInstanceStartAsync(instanceId, getInputsAndOutputs: true).WaitAsync(Patience);

    /// <summary>Starts an orchestration and returns once its code has had its first turn.</summary>
    public async Task<string> BeginAsync(string name, object? input = null, StartOrchestrationOptions? options = null)
    {
        var id = await Client.ScheduleNewOrchestrationInstanceAsync(name, input, options);
        await StartOf(id);
        return id;
    }

    /// <summary>Waits for what an instance comes to.</summary>
    public async Task<OrchestrationMetadata> UntilAsync(string instanceId, Func<OrchestrationMetadata, bool> holds)
    {
        using var late = new CancellationTokenSource(Patience);
        while (true)
        {
            if (await Client.GetInstanceAsync(instanceId, getInputsAndOutputs: true, late.Token) is { } seen && holds(seen))
                return seen;
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, late.Token);
        }
    }

    /// <summary>Waits until the next timer is due at that time, less than ten minutes ahead: later ones are not in memory.</summary>
    public async Task NextTimerAsync(DateTimeOffset due)
    {
        using var late = new CancellationTokenSource(Patience);
        while (Engine.Timers.Next != due)
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, late.Token);
    }

    /// <summary>Ends the engine as a crash would.</summary>
    public async Task CrashAsync()
    {
        gone = true;
        await Engine.AbandonAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!gone)
            await Engine.DisposeAsync();
        await services.DisposeAsync();
        folder?.Dispose();
    }
}
