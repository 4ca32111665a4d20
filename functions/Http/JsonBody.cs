using System.Text;
using System.Text.Json;
using AiOs.DataPlane;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace AiOs.Functions.Http;

/// <summary>Reads a JSON request body within its limits and hands out its members, collecting every field that is wrong.</summary>
public sealed class JsonBody
{
    /// <summary>The largest body in bytes (256 KiB).</summary>
    public const int MaxBytes = 256 * 1024;

    /// <summary>The deepest nesting. What is stored wraps it in a few levels of its own, for which <see cref="AiOs.DataPlane.AiOsJson"/> leaves room.</summary>
    public const int MaxDepth = 32;

    readonly Dictionary<string, JsonElement> members = new(StringComparer.Ordinal);
    readonly HashSet<string> asked = new(StringComparer.Ordinal);
    readonly List<FieldProblem> problems = [];

    JsonBody(JsonElement root)
    {
        foreach (var member in root.EnumerateObject())
            members.Add(member.Name, member.Value);
    }

    /// <summary>Reads the body; the problem is null where it is one JSON object.</summary>
    public static async Task<(JsonBody? Body, Problem? Problem)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!IsJson(request.ContentType))
            return (null, new(StatusCodes.Status415UnsupportedMediaType, "Unsupported media type.", "Send the body as application/json (UTF-8).") { Fields = [new("content-type", "must be application/json")] });
        var (bytes, problem) = await ReadBytesAsync(request, MaxBytes, cancellationToken);
        if (problem is not null) return (null, problem);
        var (root, broken) = Parse(bytes);
        if (broken is not null) return (null, broken);
        return root.ValueKind == JsonValueKind.Object
            ? (new JsonBody(root), null)
            : (null, Problem.BadField("$", $"must be a JSON object, not {Kind(root)}."));
    }

    /// <summary>Reads at most <paramref name="limit"/> bytes of the body; more is a 413.</summary>
    public static async Task<(byte[] Bytes, Problem? Problem)> ReadBytesAsync(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        var tooLarge = new Problem(StatusCodes.Status413PayloadTooLarge, "The body is too large.", $"A body may have at most {limit} bytes.") { Fields = [new("$", $"at most {limit} bytes")] };
        if (request.ContentLength > limit) return ([], tooLarge);
        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await request.Body.ReadAsync(chunk, cancellationToken)) > 0)
        {
            if (buffer.Length + read > limit) return ([], tooLarge);
            buffer.Write(chunk, 0, read);
        }

        return (buffer.ToArray(), null);
    }

    /// <summary>Parses UTF-8 JSON of bounded depth in which every text is valid Unicode, every number a finite double and every member there once; the problem says where it breaks.</summary>
    public static (JsonElement Root, Problem? Problem) Parse(byte[] bytes)
    {
        try
        {
            new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetCharCount(bytes);
            using var document = JsonDocument.Parse(bytes, new() { MaxDepth = MaxDepth });
            return JsonFlaw.Find(document.RootElement) is { } flaw ? (default, Problem.BadField(flaw.Field, flaw.Message)) : (document.RootElement.Clone(), null);
        }
        catch (DecoderFallbackException)
        {
            return (default, Problem.BadField("$", "the body is not valid UTF-8."));
        }
        catch (JsonException e)
        {
            return (default, Problem.BadField("$", JsonBreak.Describe(e, MaxDepth)));
        }
    }

    /// <summary>A string member, or null where it is absent.</summary>
    public string? Text(string name, bool required = false, int maxBytes = 1024)
    {
        if (!Find(name, out var value, required)) return null;
        if (value.ValueKind != JsonValueKind.String) return Wrong(name, $"must be a string, not {Kind(value)}.");
        var text = value.GetString()!;
        if (required && string.IsNullOrWhiteSpace(text)) return Wrong(name, "must not be empty.");
        return Encoding.UTF8.GetByteCount(text) > maxBytes ? Wrong(name, $"may have at most {maxBytes} bytes of UTF-8.") : text;
    }

    /// <summary>A boolean member, or null where it is absent.</summary>
    public bool? Flag(string name, bool required = false)
    {
        if (!Find(name, out var value, required)) return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return value.GetBoolean();
        Wrong(name, $"must be true or false, not {Kind(value)}.");
        return null;
    }

    /// <summary>A number from 0 to <paramref name="most"/>, exact; null where it is absent.</summary>
    public decimal? Amount(string name, decimal most)
    {
        if (!Find(name, out var value, required: false)) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var amount) && amount >= 0 && amount <= most) return amount;
        Wrong(name, value.ValueKind == JsonValueKind.Number ? $"must be from 0 to {most}." : $"must be a number, not {Kind(value)}.");
        return null;
    }

    /// <summary>An object member, or null where it is absent; bounded because it travels through the run's history.</summary>
    public JsonElement? Object(string name, int maxBytes)
    {
        if (!Find(name, out var value, required: false)) return null;
        if (value.ValueKind == JsonValueKind.Object && Encoding.UTF8.GetByteCount(value.GetRawText()) <= maxBytes) return value;
        Wrong(name, value.ValueKind == JsonValueKind.Object ? $"may have at most {maxBytes} bytes of JSON." : $"must be an object, not {Kind(value)}.");
        return null;
    }

    /// <summary>A list of strings, or null where it is absent.</summary>
    public IReadOnlyList<string>? Texts(string name, bool required = false)
    {
        if (!Find(name, out var value, required)) return null;
        if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String))
            return [.. value.EnumerateArray().Select(e => e.GetString()!)];
        Wrong(name, $"must be a list of strings, not {Kind(value)}.");
        return null;
    }

    /// <summary>Reports a field that is well formed but not acceptable.</summary>
    public string? Wrong(string field, string message)
    {
        problems.Add(new(field, message));
        return null;
    }

    /// <summary>The 400 (or 413, where only the text is too long) that lists every wrong and every unknown field, or null where all is well. Call it last.</summary>
    public Problem? Verdict()
    {
        var known = string.Join(", ", asked.Order(StringComparer.Ordinal));
        var all = problems.Concat(members.Keys.Except(asked, StringComparer.Ordinal).Select(name => new FieldProblem(name, $"is not a known field; the fields are {known}."))).ToList();
        if (all.Count == 0) return null;
        var oversized = all.TrueForAll(p => p.Message.StartsWith("may have at most", StringComparison.Ordinal));
        return new(oversized ? StatusCodes.Status413PayloadTooLarge : StatusCodes.Status400BadRequest,
            oversized ? "A field is too large." : "The request is not valid.",
            string.Join(" ", all.Select(p => $"{p.Field}: {p.Message}"))) { Fields = all };
    }

    /// <summary>Whether a content type is JSON in UTF-8.</summary>
    public static bool IsJson(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase))
        && (!type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase));

    bool Find(string name, out JsonElement value, bool required)
    {
        asked.Add(name);
        if (members.TryGetValue(name, out value) && value.ValueKind != JsonValueKind.Null) return true;
        if (required) problems.Add(new(name, "is missing."));
        return false;
    }

    static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "a boolean",
    };
}
