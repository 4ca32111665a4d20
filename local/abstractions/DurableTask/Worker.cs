using Microsoft.DurableTask.Converters;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microsoft.DurableTask.Worker;

/// <summary>Builds the durable side of a worker.</summary>
public interface IDurableTaskWorkerBuilder
{
    /// <summary>Its name; empty for the default.</summary>
    string Name { get; }

    /// <summary>The services.</summary>
    IServiceCollection Services { get; }

    /// <summary>What is built.</summary>
    Type? BuildTarget { get; set; }

    /// <summary>Builds it.</summary>
    IHostedService Build(IServiceProvider serviceProvider);
}

/// <summary>Registers tasks and options.</summary>
public static class DurableTaskWorkerBuilderExtensions
{
    /// <summary>Adds orchestrators, activities and entities.</summary>
    public static IDurableTaskWorkerBuilder AddTasks(this IDurableTaskWorkerBuilder builder, Action<DurableTaskRegistry> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Configure(builder.Name, configure);
        return builder;
    }

    /// <summary>Sets options.</summary>
    public static IDurableTaskWorkerBuilder Configure(this IDurableTaskWorkerBuilder builder, Action<DurableTaskWorkerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.Configure(builder.Name, configure);
        return builder;
    }
}

/// <summary>Refuses orchestrations.</summary>
[Obsolete("Experimental")]
public interface IOrchestrationFilter
{
    /// <summary>Whether this worker may run it.</summary>
    ValueTask<bool> IsOrchestrationValidAsync(OrchestrationFilterParameters info, CancellationToken cancellationToken = default);
}

/// <summary>What a filter knows.</summary>
public struct OrchestrationFilterParameters
{
    /// <summary>The orchestrator.</summary>
    public string? Name { get; init; }

    /// <summary>The instance's tags.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }
}

/// <summary>Options of the durable side.</summary>
public class DurableTaskWorkerOptions
{
    /// <summary>Which instances a versioned worker runs.</summary>
    public enum VersionMatchStrategy
    {
        /// <summary>All.</summary>
        None = 0,

        /// <summary>Those of its own version.</summary>
        Strict = 1,

        /// <summary>Those of its own version and older.</summary>
        CurrentOrOlder = 2,
    }

    /// <summary>What happens to the others.</summary>
    public enum VersionFailureStrategy
    {
        /// <summary>Another worker may take them.</summary>
        Reject = 0,

        /// <summary>They fail.</summary>
        Fail = 1,
    }

    /// <summary>How payloads become text; null restores the default.</summary>
    public DataConverter DataConverter
    {
        get;
        set => field = value ?? JsonDataConverter.Default;
    } = JsonDataConverter.Default;

    /// <summary>Whether entities may be used.</summary>
    public bool EnableEntitySupport { get; set; }

    /// <summary>The longest single timer of the backend.</summary>
    public TimeSpan MaximumTimerInterval { get; set; } = TimeSpan.FromDays(3);

    /// <summary>How much runs side by side.</summary>
    public ConcurrencyOptions Concurrency { get; } = new();

    /// <summary>The worker's version.</summary>
    public VersioningOptions? Versioning { get; set; }

    /// <summary>Whether a version was set.</summary>
    public bool IsVersioningSet { get; internal set; }

    /// <summary>Refuses orchestrations.</summary>
    [Obsolete("Experimental")]
    public IOrchestrationFilter? OrchestrationFilter { get; set; }

    /// <summary>How it logs.</summary>
    public LoggingOptions Logging { get; } = new();

    /// <summary>How much runs side by side.</summary>
    public class ConcurrencyOptions
    {
        /// <summary>Activities.</summary>
        public int MaximumConcurrentActivityWorkItems { get; set; } = 100 * Environment.ProcessorCount;

        /// <summary>Orchestrations.</summary>
        public int MaximumConcurrentOrchestrationWorkItems { get; set; } = 100 * Environment.ProcessorCount;

        /// <summary>Entities.</summary>
        public int MaximumConcurrentEntityWorkItems { get; set; } = 100 * Environment.ProcessorCount;
    }

    /// <summary>A worker's version.</summary>
    public class VersioningOptions
    {
        /// <summary>The version.</summary>
        public string Version { get; set; } = "";

        /// <summary>The version of sub-orchestrations started without one.</summary>
        public string DefaultVersion { get; set; } = "";

        /// <summary>Which instances it runs.</summary>
        public VersionMatchStrategy MatchStrategy { get; set; } = VersionMatchStrategy.None;

        /// <summary>What happens to the others.</summary>
        public VersionFailureStrategy FailureStrategy { get; set; } = VersionFailureStrategy.Reject;
    }

    /// <summary>How it logs.</summary>
    public class LoggingOptions
    {
        /// <summary>Whether the older categories are written too.</summary>
        public bool UseLegacyCategories { get; set; } = true;
    }
}

/// <summary>The default builder; the host reads the registry that its tasks were added to.</summary>
sealed class DurableWorkerBuilder(IServiceCollection services) : IDurableTaskWorkerBuilder
{
    public string Name => Options.DefaultName;

    public IServiceCollection Services => services;

    public Type? BuildTarget { get; set; }

    /// <summary>There is nothing to start: the embedded host runs the registered tasks.</summary>
    public IHostedService Build(IServiceProvider serviceProvider) => new RunByTheHost();

    public static DurableWorkerBuilder Of(IServiceCollection services)
    {
        if (services.FirstOrDefault(s => s.ServiceType == typeof(DurableWorkerBuilder))?.ImplementationInstance is DurableWorkerBuilder present)
            return present;
        var builder = new DurableWorkerBuilder(services);
        services.AddSingleton(builder);
        services.AddOptions();
        return builder;
    }

    sealed class RunByTheHost : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
