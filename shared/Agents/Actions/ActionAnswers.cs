using System.Globalization;
using System.Text.Json;
using AiOs.DataPlane;
using AiOs.Security;

namespace AiOs.Agents.Actions;

/// <summary>Makes a result that may be stored out of what a host answered: an object, masked, at most 7 KB.</summary>
static class ActionAnswers
{
    /// <summary>In the dialect of the OS. With the action's key and what is around it this stays within the 8 KB that the facts of a step may take.</summary>
    public const int MaxBytes = 7 * 1024;

    /// <summary>What the OS wraps around a result must stay within the depth of its JSON.</summary>
    const int MaxDepth = 16;

    const int MaxReason = 200;

    static readonly JsonElement Nothing = JsonElement.Parse("{}");

    /// <summary>Every kind of personal data is masked, whatever the app masks in messages: the other side decides what it answers, and a token that it answers is not one of ours.</summary>
    public static async Task<JsonElement> ResultAsync(Masking masking, Hidden hidden, string app, JsonElement? body, CancellationToken cancellationToken)
    {
        if (body is not { } answer || answer.ValueKind == JsonValueKind.Null)
            return Nothing;
        if (!IsWithin(MaxDepth, answer))
            answer = Scalars(answer);
        if (answer.ValueKind != JsonValueKind.Object)
            answer = JsonSerializer.SerializeToElement(new { value = answer }, AiOsJson.Options);
        return Fit(hidden.CoverOriginals(await masking.MaskForeignAsync(app, hidden.CoverSecrets(answer), MaskKinds.All, cancellationToken)));
    }

    /// <summary>What the host says about its refusal (<c>detail</c>, <c>message</c>, <c>error</c> or <c>title</c>), masked and short; null where it says nothing.</summary>
    public static async Task<string?> RefusalAsync(Masking masking, Hidden hidden, string app, JsonElement? body, CancellationToken cancellationToken)
    {
        if (body is not { ValueKind: JsonValueKind.Object } answer)
            return null;
        foreach (var name in (string[])["detail", "message", "error", "title"])
            if (answer.TryGetProperty(name, out var said) && said.ValueKind == JsonValueKind.String && said.GetString() is { Length: > 0 } text)
                return await ReasonAsync(masking, hidden, app, text, cancellationToken);
        return null;
    }

    /// <summary>A text in which the other side may be quoted, masked and short.</summary>
    public static async Task<string> ReasonAsync(Masking masking, Hidden hidden, string app, string text, CancellationToken cancellationToken)
    {
        // Hidden and masked before it is cut short: half a secret or account number would not be recognised.
        var masked = await masking.MaskForeignAsync(app, Start(hidden.CoverSecrets(text), 20 * MaxReason), MaskKinds.All, cancellationToken);
        return Start(hidden.CoverOriginals(masked.Text), MaxReason);
    }

    /// <summary>The first characters, without half of a surrogate pair, which no database would take.</summary>
    static string Start(string text, int length) => text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];

    static bool IsWithin(int depth, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => depth > 0 && value.EnumerateObject().All(member => IsWithin(depth - 1, member.Value)),
        JsonValueKind.Array => depth > 0 && value.EnumerateArray().All(item => IsWithin(depth - 1, item)),
        _ => true,
    };

    static JsonElement Scalars(JsonElement answer)
    {
        if (answer.ValueKind != JsonValueKind.Object)
            return Nothing;
        var kept = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in answer.EnumerateObject().Where(member => member.Value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)))
            kept[member.Name] = member.Value;
        return JsonSerializer.SerializeToElement(kept, AiOsJson.Options);
    }

    /// <summary>The whole answer where it fits, else its scalars, in order, as far as they fit.</summary>
    static JsonElement Fit(JsonElement answer)
    {
        // As it will be stored, not as it came: escapes may be longer there.
        if (Size(answer) <= MaxBytes)
            return answer;
        var kept = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        var size = 2;
        foreach (var member in answer.EnumerateObject().Where(member => member.Value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)))
        {
            var bytes = Size(member.Value) + JsonSerializer.SerializeToUtf8Bytes(member.Name, AiOsJson.Options).Length + 2;
            if (size + bytes > MaxBytes)
                continue;
            size += bytes;
            kept[member.Name] = member.Value;
        }

        return JsonSerializer.SerializeToElement(kept, AiOsJson.Options);
    }

    static int Size(JsonElement value) => JsonSerializer.SerializeToUtf8Bytes(value, AiOsJson.Options).Length;
}
