using System.Diagnostics.Metrics;
using AiOs.ControlPlane.Admission;
using AiOs.Security;
using AiOs.Telemetry;

namespace AiOs.Functions.Http;

/// <summary>Keys that nobody issued. Anybody can send them without end, so the audit log gets those that look like keys, a few at a time; the rest are counted.</summary>
public sealed class UnknownCallers(ISecurityEvents security, TimeProvider clock)
{
    /// <summary>How many are recorded at once; after that, one in ten seconds.</summary>
    public const int Burst = 20;

    static readonly Counter<long> NotRecorded = AiOsTelemetry.Meter.CreateCounter<long>("aios.caller.unknown", "{request}", "Requests with a key that nobody issued and that the audit log does not hold.");

    readonly RateLimit rate = new(new(PerSecond: 0.1, Burst), clock);

    /// <summary>Records that <paramref name="key"/> was refused at <paramref name="function"/>, or counts it.</summary>
    public async ValueTask RefusedAsync(string key, string function, CancellationToken cancellationToken)
    {
        if (!ClientKeys.IsKey(key) || rate.Take(Principal.Anonymous.Id) is not null)
            NotRecorded.Add(1);
        else
            await security.RaiseAsync(new("key.unknown", clock.GetUtcNow(), Principal.Anonymous.Id, "refused", new Dictionary<string, string>(StringComparer.Ordinal) { ["function"] = function }), cancellationToken);
    }
}
