using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using AiOs.DataPlane;

namespace AiOs.Agents.Actions;

/// <summary>The names of an action: its digest (what is done) and its key (what is done, where in which run).</summary>
public static class ActionKey
{
    /// <summary>The suffix that makes an action's key the key of its undo.</summary>
    public const string UndoSuffix = ".undo";

    /// <summary>The digest of one action: connector, masked arguments and policy version. Any change of them is another action.</summary>
    public static string Digest(string connector, JsonElement arguments, string policyVersion) => CanonicalJson.Digest(new { connector, arguments, policyVersion });

    /// <summary>base64url(SHA-256(run, step path, iteration, action digest)).</summary>
    public static string Of(string runId, string stepPath, int iteration, string actionDigest) =>
        Base64Url.EncodeToString(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new object[] { runId, stepPath, iteration, actionDigest }, AiOsJson.Options)));
}
