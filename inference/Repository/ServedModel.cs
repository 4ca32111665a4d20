using AiOs.Models.Protocol;

namespace AiOs.Inference.Repository;

/// <summary>State of a version that is in the repository.</summary>
/// <param name="State">READY, LOADING, UNLOADING or UNAVAILABLE, as Triton writes them.</param>
/// <param name="Reason">Why it is not ready.</param>
sealed record VersionState(string State, string Reason);

/// <summary>A model by name: the versions that are served, and why the others are not. Readers see one immutable snapshot.</summary>
/// <param name="Ready">Loaded versions, the highest first.</param>
/// <param name="States">Every version in the repository.</param>
sealed record ServedModel(string Name, ModelConfig Config, IReadOnlyList<ModelVersion> Ready, IReadOnlyDictionary<int, VersionState> States)
{
    /// <summary>The version that was asked for, or the highest.</summary>
    /// <exception cref="ProtocolException">It is not there, or not ready.</exception>
    public ModelVersion Version(string? wanted)
    {
        if (wanted is null)
            return Ready.Count > 0 ? Ready[0] : throw NotReady($"Model '{Name}' is not ready{Why(States.Values.FirstOrDefault(state => state.Reason.Length > 0))}");
        foreach (var version in Ready)
            if (version.Name == wanted)
                return version;
        if (int.TryParse(wanted, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) && States.TryGetValue(number, out var state))
            throw NotReady($"Version {number} of model '{Name}' is not ready{Why(state)}");
        throw new ProtocolException(StatusCodes.Status404NotFound, $"Model '{Name}' has no version '{wanted}'; ready: {(Ready.Count == 0 ? "none" : string.Join(", ", Ready.Select(version => version.Name)))}.");
    }

    static string Why(VersionState? state) => state is { Reason.Length: > 0 } ? $": {state.Reason}" : ".";

    static ProtocolException NotReady(string message) => new(StatusCodes.Status503ServiceUnavailable, message, retryAfter: 1);
}
