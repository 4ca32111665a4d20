using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AiOs.Serving.Chat;

namespace AiOs.Serving.Wire;

/// <summary>Puts back what tokens stand for in an answer that comes in pieces, where a token may be cut: what could be its beginning is held back until it is told.</summary>
public sealed class StreamRestoration(Restoration restoration)
{
    readonly Dictionary<string, string> held = new(StringComparer.Ordinal);

    static readonly JsonDocumentOptions Strict = new() { MaxDepth = Wire.MaxDepth, AllowDuplicateProperties = false };

    /// <summary>The pieces to be sent for a piece that came.</summary>
    /// <exception cref="ModelException">A member stands twice in it: nobody knows which of them counts.</exception>
    public IEnumerable<ReadOnlyMemory<byte>> Take(ReadOnlyMemory<byte> piece)
    {
        if (restoration.IsEmpty)
            return [piece];
        var root = Read(piece.Span);
        foreach (var choice in root["choices"] as JsonArray ?? [])
            if (choice is JsonObject said)
                Restore(said);
        return [JsonSerializer.SerializeToUtf8Bytes(root)];
    }

    static JsonNode Read(ReadOnlySpan<byte> piece)
    {
        try
        {
            return JsonNode.Parse(piece, documentOptions: Strict)!;
        }
        catch (JsonException)
        {
#pragma warning disable MA0054 // Without the cause: its message quotes the endpoint.
            throw new ModelException(ModelFailure.Broken, "A piece of the answer has a member twice.");
#pragma warning restore MA0054
        }
    }

    void Restore(JsonObject choice)
    {
        var index = choice["index"]?.ToString() ?? "0";
        var isLast = choice["finish_reason"] is not null;
        if (choice["delta"] is not JsonObject delta)
            return;
        foreach (var member in (string[])["content", "refusal", "reasoning_content"])
            if (Released($"{index}/{member}", Text(delta[member]), isLast, isJson: false) is { } text)
                delta[member] = text;
        foreach (var call in delta["tool_calls"] as JsonArray ?? [])
            if (call is JsonObject { } tool && tool["function"] is JsonObject function && Released($"{index}/{tool["index"]}/arguments", Text(function["arguments"]), isLast, isJson: true) is { } arguments)
                function["arguments"] = arguments;
        if (isLast)
            ReleaseArguments(index, delta);
    }

    /// <summary>The last piece does not name the tools again: what is held of their arguments goes with it.</summary>
    void ReleaseArguments(string index, JsonObject delta)
    {
        foreach (var (key, text) in held.Where(h => h.Value.Length > 0 && h.Key.StartsWith(index + "/", StringComparison.Ordinal) && h.Key.EndsWith("/arguments", StringComparison.Ordinal)).ToList())
        {
            if (delta["tool_calls"] is not JsonArray calls)
                delta["tool_calls"] = calls = [];
            var tool = key.Split('/')[1];
            calls.Add(new JsonObject { ["index"] = int.TryParse(tool, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0, ["function"] = new JsonObject { ["arguments"] = restoration.Text(text, isJson: true) } });
            held.Remove(key);
        }
    }

    string? Released(string key, string? text, bool isLast, bool isJson)
    {
        var all = held.GetValueOrDefault(key) + text;
        if (all.Length == 0)
            return null;
        var open = isLast ? -1 : all.LastIndexOf('[');
        var cut = open >= 0 && all.Length - open < restoration.Longest && all.IndexOf(']', open) < 0 ? open : all.Length;
        held[key] = all[cut..];
        return restoration.Text(all[..cut], isJson);
    }

    /// <summary>Null also where half of a character is cut off: such a piece goes as it is.</summary>
    static string? Text(JsonNode? node)
    {
        try
        {
            return node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
