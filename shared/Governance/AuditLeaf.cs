using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AiOs.DataPlane;

namespace AiOs.Governance;

/// <summary>The bytes of an audit entry in their final form: canonical JSON (RFC 8785), so that anybody can write them again and hash them.
/// INVARIANT: version 1 is written for ever; a member that is added later comes with version 2, and old leaves stay as they are.</summary>
static class AuditLeaf
{
    const int Version = 1;
    const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    public static byte[] Write(long sequence, AuditEntry entry)
    {
        var leaf = new JsonObject
        {
            ["schema"] = Version,
            ["sequence"] = sequence,
            ["type"] = entry.Type,
            ["at"] = entry.At.UtcDateTime.ToString(TimeForm, CultureInfo.InvariantCulture),
            ["principal"] = entry.Principal,
            ["outcome"] = entry.Outcome,
        };
        Add(leaf, "runId", entry.RunId);
        Add(leaf, "step", entry.Step);
        Add(leaf, "argumentsDigest", entry.ArgumentsDigest);
        Add(leaf, "policyVersion", entry.PolicyVersion);
        Add(leaf, "dedupeKey", entry.DedupeKey);
        if (entry.Detail is { } detail) leaf["detail"] = new JsonObject(detail.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
        return CanonicalJson.Bytes(JsonSerializer.SerializeToElement(leaf));
    }

    public static AuditEntry Read(byte[] leaf)
    {
        using var document = JsonDocument.Parse(leaf);
        var root = document.RootElement;
        return new AuditEntry(
            root.GetProperty("type").GetString()!,
            DateTimeOffset.ParseExact(root.GetProperty("at").GetString()!, TimeForm, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal),
            Text(root, "runId"),
            Text(root, "step"),
            root.GetProperty("principal").GetString()!,
            Text(root, "argumentsDigest"),
            Text(root, "policyVersion"),
            root.GetProperty("outcome").GetString()!,
            root.TryGetProperty("detail", out var detail) ? detail.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!, StringComparer.Ordinal) : null,
            Text(root, "dedupeKey"));
    }

    static void Add(JsonObject leaf, string name, string? value)
    {
        if (value is not null) leaf[name] = value;
    }

    static string? Text(JsonElement root, string name) => root.TryGetProperty(name, out var value) ? value.GetString() : null;
}
