using Microsoft.DurableTask.Converters;

namespace Microsoft.DurableTask.Client;

/// <summary>Options of a client.</summary>
public class DurableTaskClientOptions
{
    /// <summary>The version of orchestrations started without one.</summary>
    public string DefaultVersion { get; set; } = "";

    /// <summary>How payloads become text; null restores the default.</summary>
    public DataConverter DataConverter
    {
        get;
        set => field = value ?? JsonDataConverter.Default;
    } = JsonDataConverter.Default;

    /// <summary>Whether entities may be used.</summary>
    public bool EnableEntitySupport { get; set; }
}

/// <summary>A payload that is read when its type is known.</summary>
public sealed class SerializedData
{
    /// <summary>Text and what reads it.</summary>
    public SerializedData(string data, DataConverter? converter = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        Value = data;
        Converter = converter ?? JsonDataConverter.Default;
    }

    /// <summary>The text.</summary>
    public string Value { get; }

    /// <summary>What reads it.</summary>
    public DataConverter Converter { get; }

    /// <summary>The value.</summary>
    public T ReadAs<T>() => Converter.Deserialize<T>(Value);
}

/// <summary>Finds clients by name.</summary>
public interface IDurableTaskClientProvider
{
    /// <summary>The client of that name; the default one without.</summary>
    DurableTaskClient GetClient(string? name = null);
}

/// <summary>Statuses in which a second start of the same id is refused.</summary>
public static class StartOrchestrationOptionsExtensions
{
    /// <summary>All that may be named.</summary>
#pragma warning disable CS0618 // The obsolete status is one of them in the real package too.
    public static readonly IReadOnlyList<OrchestrationRuntimeStatus> ValidDedupeStatuses =
    [
        OrchestrationRuntimeStatus.Completed,
        OrchestrationRuntimeStatus.Failed,
        OrchestrationRuntimeStatus.Terminated,
        OrchestrationRuntimeStatus.Canceled,
        OrchestrationRuntimeStatus.Pending,
        OrchestrationRuntimeStatus.Running,
        OrchestrationRuntimeStatus.Suspended,
    ];
#pragma warning restore CS0618

    /// <summary>A copy that refuses to start over an instance in one of <paramref name="dedupeStatuses"/>.</summary>
    public static StartOrchestrationOptions WithDedupeStatuses(this StartOrchestrationOptions options, params OrchestrationRuntimeStatus[] dedupeStatuses) =>
        options with { DedupeStatuses = [.. dedupeStatuses.Select(status => status.ToString())] };
}
