using System.Security.Cryptography;
using System.Text.Json;
using AiOs.DataPlane;

namespace AiOs.ControlPlane.Admission;

/// <summary>The names of runs: <c>{app}-</c> and 26 base32 characters (130 bits).</summary>
public static class RunIds
{
    const int Length = 26;

    /// <summary>The run of this key; the same parts always give the same name, and the name does not give the parts away.</summary>
    public static string Of(string app, string channel, string principalId, string key) =>
        Name(app, SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new[] { channel, principalId, key }, AiOsJson.Options)));

    /// <summary>A name that nobody had before.</summary>
    public static string Random(string app) => Name(app, RandomNumberGenerator.GetBytes(17));

    /// <summary>Whether a run is that app's; another app's name may begin with its name.</summary>
    public static bool IsOf(string app, string runId) => runId.Length == app.Length + 1 + Length && runId.StartsWith($"{app}-", StringComparison.Ordinal);

    static string Name(string app, byte[] bytes) => $"{app}-{Base32.Encode(bytes)[..Length]}";
}
