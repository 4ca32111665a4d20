using System.Collections;
using Azure.Core.Serialization;
using Microsoft.Azure.Functions.Worker.Converters;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Options of the worker.</summary>
public class WorkerOptions
{
    /// <summary>How payloads become objects and back; JSON with the app's options when null.</summary>
    public ObjectSerializer? Serializer { get; set; }

    /// <summary>The converters that bind parameters, tried in order.</summary>
    public InputConverterCollection InputConverters { get; } = new();

    /// <summary>What the worker tells the host about itself.</summary>
    public IDictionary<string, string> Capabilities { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["HandlesWorkerTerminateMessage"] = bool.TrueString,
        ["HandlesInvocationCancelMessage"] = bool.TrueString,
        [nameof(IncludeEmptyEntriesInMessagePayload)] = bool.TrueString,
        ["EnableUserCodeException"] = bool.TrueString,
    };

    /// <summary>Whether failures are reported as the function threw them.</summary>
    [Obsolete("This is now the default behavior. This property may be unavailable in future releases.", false)]
    public bool EnableUserCodeException
    {
        get => Has("EnableUserCodeException");
        set => Set("EnableUserCodeException", value);
    }

    /// <summary>Whether empty entries of a batch are kept.</summary>
    public bool IncludeEmptyEntriesInMessagePayload
    {
        get => Has(nameof(IncludeEmptyEntriesInMessagePayload));
        set => Set(nameof(IncludeEmptyEntriesInMessagePayload), value);
    }

    bool Has(string capability) => Capabilities.TryGetValue(capability, out var text) && bool.TryParse(text, out var on) && on;

    // A capability that is off is absent: its mere presence counts as on.
    void Set(string capability, bool on)
    {
        if (on)
            Capabilities[capability] = bool.TrueString;
        else
            Capabilities.Remove(capability);
    }
}

/// <summary>Converters in the order in which they are tried.</summary>
public sealed class InputConverterCollection : IEnumerable<Type>
{
    readonly List<Type> converters = [];

    /// <summary>Adds one at the end.</summary>
    public void Register<T>() where T : IInputConverter => converters.Add(typeof(T));

    /// <summary>Adds one at a place.</summary>
    public void RegisterAt<T>(int index) where T : IInputConverter => converters.Insert(index, typeof(T));

    /// <summary>Removes all.</summary>
    public void Clear() => converters.Clear();

    /// <inheritdoc/>
    public IEnumerator<Type> GetEnumerator() => converters.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
