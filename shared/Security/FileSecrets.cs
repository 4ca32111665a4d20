using System.Text.Json;
using AiOs.DataPlane;
using Microsoft.Extensions.Configuration;

namespace AiOs.Security;

/// <summary>Secrets from a file that only its owner can open: <c>{"app": {"name": "value"}}</c>, at <c>AIOS_SECRETS_FILE</c> or
/// <c>secrets.json</c> in the data directory. It is read again when it changes, so a secret can be rotated without a restart.</summary>
public sealed class FileSecrets(IConfiguration configuration, DataDirectory data) : ISecrets
{
    /// <summary>Configuration key of the file's path.</summary>
    public const string Key = "AIOS_SECRETS_FILE";

    readonly string path = configuration[Key] is { Length: > 0 } given ? given : data.File("secrets.json");
    readonly Lock gate = new();
    (DateTime Changed, long Length, Dictionary<string, Dictionary<string, string>> Secrets)? read;

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">Others can open the file, or it does not have the form; nothing of its content is shown.</exception>
    public ValueTask<string?> GetAsync(string app, string name, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Read() is { } secrets && secrets.TryGetValue(app, out var granted) ? granted.GetValueOrDefault(name) : null);

    Dictionary<string, Dictionary<string, string>>? Read()
    {
        var file = new FileInfo(path);
        if (!file.Exists) return null;
        if (OwnerOnly.IsOpenToOthers(path)) throw new InvalidDataException($"{path} holds secrets and can be opened by others than its owner; set its mode to 0600.");
        lock (gate)
        {
            if (read is { } last && last.Changed == file.LastWriteTimeUtc && last.Length == file.Length) return last.Secrets;
            var secrets = Parse(File.ReadAllBytes(path));
            read = (file.LastWriteTimeUtc, file.Length, secrets);
            return secrets;
        }
    }

    Dictionary<string, Dictionary<string, string>> Parse(byte[] content)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, Dictionary<string, string>>>(content) ?? [];
        }
        catch (JsonException)
        {
            // Without the cause: its message quotes what stands in the file.
#pragma warning disable MA0054
            throw new InvalidDataException($"{path} must be a JSON object of apps, each an object of names and string values.");
#pragma warning restore MA0054
        }
    }
}

/// <summary>The first of several stores that has the secret.</summary>
public sealed class LayeredSecrets(params IReadOnlyList<ISecrets> layers) : ISecrets
{
    /// <inheritdoc/>
    public async ValueTask<string?> GetAsync(string app, string name, CancellationToken cancellationToken)
    {
        foreach (var layer in layers)
            if (await layer.GetAsync(app, name, cancellationToken) is { } secret) return secret;
        return null;
    }
}
