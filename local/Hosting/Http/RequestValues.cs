using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace AiOs.Local.Hosting.Http;

/// <summary>What a request delivers beside itself: its route values, and <c>Query</c> and <c>Headers</c> as JSON, which are written only when somebody asks for them.</summary>
sealed class RequestValues(HttpRequest request) : IReadOnlyDictionary<string, object?>
{
    const string Query = nameof(Query);
    const string Headers = nameof(Headers);

    readonly Dictionary<string, object?> route = new(request.RouteValues, StringComparer.OrdinalIgnoreCase);

    Dictionary<string, object?>? all;

    public IEnumerable<string> Keys => All.Keys;

    public IEnumerable<object?> Values => All.Values;

    public int Count => All.Count;

    public object? this[string key] => All[key];

    Dictionary<string, object?> All => all ??= Complete();

    public bool ContainsKey(string key) => TryGetValue(key, out _);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out object? value) =>
        (IsWritten(key) ? All : route).TryGetValue(key, out value);

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => All.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    static bool IsWritten(string key) => key.Equals(Query, StringComparison.OrdinalIgnoreCase) || key.Equals(Headers, StringComparison.OrdinalIgnoreCase);

    // A route value of the same name wins.
    Dictionary<string, object?> Complete()
    {
        var complete = new Dictionary<string, object?>(route, StringComparer.OrdinalIgnoreCase);
        complete.TryAdd(Query, JsonSerializer.Serialize(request.Query.ToDictionary(q => q.Key, q => q.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
        complete.TryAdd(Headers, JsonSerializer.Serialize(request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
        return complete;
    }
}
