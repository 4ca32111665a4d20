using System.Collections.Concurrent;
using System.Globalization;
using AiOs.Models.Protocol;

namespace AiOs.Inference.Repository;

/// <summary>The models in a folder, laid out <c>NAME/VERSION/model.onnx</c> with <c>NAME/config.json</c>. Loading again serves what changed: the new version is loaded and warm before it takes over, and the
/// old one answers what it has before it goes. One load a model at a time; models do not wait for each other.</summary>
sealed class ModelRepository(string root, ExecutionProvider provider, TimeProvider clock, ILogger<ModelRepository> log) : IAsyncDisposable
{
    readonly ConcurrentDictionary<string, ServedModel> models = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, SemaphoreSlim> doors = new(StringComparer.Ordinal);
    volatile bool loaded;

    public ExecutionProvider Provider => provider;

    /// <summary>The models that are known, by name.</summary>
    public IEnumerable<ServedModel> All => models.Values.OrderBy(model => model.Name, StringComparer.Ordinal);

    /// <summary>Every model has been loaded, or refused, once; and all that were to be served are.</summary>
    public bool IsReady => loaded && models.Values.All(model => model.Ready.Count > 0 || model.States.Values.All(state => state.Reason == Unloaded));

    const string Unloaded = "unloaded";

    /// <exception cref="ProtocolException">There is none of that name.</exception>
    public ServedModel Find(string name) => models.TryGetValue(name, out var model) ? model : throw Unknown(name);

    /// <summary>Loads all that are in the folder. What cannot be loaded is refused by name and keeps none of the others back.</summary>
    public async Task LoadAllAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(Names().Select(async name =>
        {
            try
            {
                await LoadAsync(name, cancellationToken);
            }
            catch (ProtocolException e)
            {
                log.ModelRefused(name, e.Message);
            }
        }));
        loaded = true;
    }

    /// <summary>Loads a model, or what changed of it.</summary>
    /// <exception cref="ProtocolException">There is none of that name, or the version that should be served cannot be; what was served before still is.</exception>
    public Task LoadAsync(string name, CancellationToken cancellationToken) => AloneAsync(name, async () =>
    {
        if (!IsName(name) || !Directory.Exists(Path.Combine(root, name)))
            throw Unknown(name);
        var before = models.GetValueOrDefault(name);
        var failed = new List<string>();
        ModelConfig config;
        try
        {
            config = ModelConfig.Read(Path.Combine(root, name, "config.json"));
        }
        catch (InvalidDataException e)
        {
            models.TryAdd(name, new(name, new(), [], new Dictionary<int, VersionState> { [0] = new("UNAVAILABLE", e.Message) }));
            throw ProtocolException.Bad($"Model '{name}' cannot be loaded: {e.Message}");
        }
        var (states, ready) = (new Dictionary<int, VersionState>(), new List<ModelVersion>());
        foreach (var number in Versions(name))
        {
            if (ready.Count == config.Versions)
            {
                states[number] = new("UNAVAILABLE", $"older than the {config.Versions} served");
                continue;
            }
            try
            {
                ready.Add(await VersionAsync(name, number, config, before));
                states[number] = new("READY", "");
            }
            catch (InvalidDataException e)
            {
                failed.Add($"version {number}: {e.Message}");
                states[number] = new("UNAVAILABLE", e.Message);
                log.VersionRefused(name, number, e.Message);
            }
        }
        // A new version that is refused takes nothing away from the one that is served.
        if (ready.Count == 0 && failed.Count > 0 && before is { Ready.Count: > 0 })
            ready.AddRange(before.Ready);
        models[name] = new(name, config, ready, states);
        await DrainAsync(before?.Ready.Except(ready) ?? []);
        if (failed.Count > 0 || ready.Count == 0)
            throw ProtocolException.Bad($"Model '{name}' cannot be loaded: {(failed.Count > 0 ? string.Join("; ", failed) : "it has no version.")}");
    }, cancellationToken);

    /// <summary>Takes a model out of service; what is in line is answered first.</summary>
    public Task UnloadAsync(string name, CancellationToken cancellationToken) => AloneAsync(name, async () =>
    {
        var before = Find(name);
        models[name] = before with { Ready = [], States = before.States.ToDictionary(state => state.Key, _ => new VersionState("UNAVAILABLE", Unloaded)) };
        await DrainAsync(before.Ready);
    }, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        foreach (var name in models.Keys)
            await UnloadAsync(name, CancellationToken.None);
    }

    async Task<ModelVersion> VersionAsync(string name, int number, ModelConfig config, ServedModel? before)
    {
        var folder = Path.Combine(root, name, number.ToString(CultureInfo.InvariantCulture));
        if (before?.Config == config && before.Ready.FirstOrDefault(version => version.Number == number) is { } same && same.IsStill(folder))
            return same;
        var version = await Task.Run(() => ModelVersion.LoadAsync(name, number, folder, config, provider, clock));
        log.VersionLoaded(name, number, provider.Name, version.Digest);
        return version;
    }

    async Task DrainAsync(IEnumerable<ModelVersion> versions)
    {
        foreach (var version in versions.ToArray())
        {
            await version.DisposeAsync();
            log.VersionDrained(version.Model, version.Number);
        }
    }

    async Task AloneAsync(string name, Func<Task> act, CancellationToken cancellationToken)
    {
        if (!IsName(name))
            throw Unknown(name);
        var door = doors.GetOrAdd(name, _ => new(1, 1));
        await door.WaitAsync(cancellationToken);
        try
        {
            await act();
        }
        finally
        {
            door.Release();
        }
    }

    IEnumerable<string> Names() => Directory.Exists(root) ? Directory.EnumerateDirectories(root).Select(folder => Path.GetFileName(folder)).Where(IsName) : [];

    IEnumerable<int> Versions(string name) => Directory.EnumerateDirectories(Path.Combine(root, name))
        .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && Path.GetFileName(folder)[0] != '0' ? number : 0)
        .Where(number => number > 0).OrderDescending();

    static bool IsName(string name) => name.Length is > 0 and <= 100 && name[0] != '.' && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.');

    static ProtocolException Unknown(string name) => new(StatusCodes.Status404NotFound, $"There is no model '{name}'.");
}
