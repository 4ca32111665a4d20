using AiOs.Local.Durable.Determinism;
using Microsoft.Extensions.Configuration;

namespace AiOs.Local.Hosting.Durable;

/// <summary>The setting that says how orchestrators are checked.</summary>
static class DeterminismSetting
{
    const string Name = "AIOS_DETERMINISM";

    /// <summary><c>code</c> unless set.</summary>
    /// <exception cref="InvalidOperationException">It is set to something else than off, code or replay.</exception>
    public static DeterminismChecks Read(IConfiguration configuration) => configuration[Name]?.ToLowerInvariant() switch
    {
        null or "" or "code" => DeterminismChecks.Code,
        "off" => DeterminismChecks.Off,
        "replay" => DeterminismChecks.Replay,
        var other => throw new InvalidOperationException($"{Name} is '{other}' and must be off, code or replay."),
    };
}
