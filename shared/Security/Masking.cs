using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using AiOs.DataPlane;
using AiOs.Security.Detectors;

namespace AiOs.Security;

/// <summary>Replaces personal values by tokens and gives the originals to the <see cref="Vault"/>. Tokens that are already there stay.</summary>
public sealed class Masking(Vault vault)
{
    /// <summary>Masks the values of <paramref name="kinds"/> (see <see cref="MaskKinds"/>) in <paramref name="text"/>; their originals are durable when the call returns.</summary>
    /// <exception cref="ArgumentException">A kind is not known.</exception>
    public async Task<MaskedText> MaskAsync(string app, string text, IReadOnlyList<string> kinds, CancellationToken cancellationToken)
    {
        var found = PersonalData.Find(text, Check(kinds), hint: "");
        var tokens = await vault.StoreAsync(app, [.. found.Select(f => f.Value)], cancellationToken);
        var masked = Replace(text, found, tokens);
        return new MaskedText(masked, [.. Vault.TokenPattern.Matches(masked).Select(m => new MaskedSpan(m.Groups["kind"].Value, m.Value, m.Index, m.Index + m.Length))]);
    }

    /// <summary>Masks every string inside <paramref name="value"/>; member names stay, and help to tell a telephone number from another one.
    /// A number that is personal (a card, a telephone number) becomes a string.</summary>
    /// <exception cref="ArgumentException">A kind is not known.</exception>
    public async Task<JsonElement> MaskAsync(string app, JsonElement value, IReadOnlyList<string> kinds, CancellationToken cancellationToken)
    {
        var leaves = new List<JsonLeaf>();
        Collect(value, "", Check(kinds), leaves);
        var personal = leaves.Where(leaf => leaf.Found.Count > 0).ToArray();
        if (personal.Length == 0) return value;
        var tokens = await vault.StoreAsync(app, [.. personal.SelectMany(leaf => leaf.Found.Select(f => f.Value))], cancellationToken);
        var next = 0;
        foreach (var leaf in personal)
        {
            leaf.Masked = Replace(leaf.Text, leaf.Found, [.. tokens.Skip(next).Take(leaf.Found.Count)]);
            next += leaf.Found.Count;
        }
        return Rewrite(value, leaves);
    }

    /// <summary>As <see cref="MaskAsync(string, string, IReadOnlyList{string}, CancellationToken)"/> for a text from outside, in which a token would be
    /// somebody's attempt to have another person's value revealed: it is taken for ordinary text.</summary>
    public Task<MaskedText> MaskForeignAsync(string app, string text, IReadOnlyList<string> kinds, CancellationToken cancellationToken) =>
        MaskAsync(app, Vault.Disarm(text), kinds, cancellationToken);

    /// <inheritdoc cref="MaskForeignAsync(string, string, IReadOnlyList{string}, CancellationToken)"/>
    public Task<JsonElement> MaskForeignAsync(string app, JsonElement value, IReadOnlyList<string> kinds, CancellationToken cancellationToken)
    {
        var leaves = new List<JsonLeaf>();
        Collect(value, "", [], leaves);
        foreach (var leaf in leaves.Where(leaf => Vault.ContainsToken(leaf.Text))) leaf.Masked = Vault.Disarm(leaf.Text);
        return MaskAsync(app, leaves.Exists(leaf => leaf.Masked is not null) ? Rewrite(value, leaves) : value, kinds, cancellationToken);
    }

    /// <summary>So many values of one request get tokens at most: each is a row of the vault, for good.</summary>
    public const int MostValues = 20_000;

    /// <summary>Masks several texts from outside at once, as <see cref="MaskForeignAsync(string, string, IReadOnlyList{string}, CancellationToken)"/> does each.</summary>
    /// <exception cref="TooManyValuesException">They hold more than <see cref="MostValues"/>.</exception>
    /// <returns>The texts, and what each token in them stands for: for an answer to the same caller within the same request, and to be kept nowhere.</returns>
    public async ValueTask<(IReadOnlyList<string> Texts, IReadOnlyDictionary<string, string> Originals)> MaskReversiblyAsync(string app, IReadOnlyList<string> texts, IReadOnlyList<string> kinds, CancellationToken cancellationToken)
    {
        Check(kinds);
        var disarmed = texts.Select(Vault.Disarm).ToArray();
        var found = Array.ConvertAll(disarmed, text => PersonalData.Find(text, kinds, hint: "", MostValues));
        var originals = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Array.TrueForAll(found, findings => findings.Count == 0)) return (disarmed, originals);
        if (found.Sum(findings => findings.Count) > MostValues) throw new TooManyValuesException();
        var tokens = await vault.StoreAsync(app, [.. found.SelectMany(findings => findings.Select(f => f.Value))], cancellationToken);
        var next = 0;
        for (var i = 0; i < disarmed.Length; i++)
        {
            var own = tokens.Skip(next).Take(found[i].Count).ToArray();
            for (var n = 0; n < own.Length; n++) originals.TryAdd(own[n], found[i][n].Value.Original);
            disarmed[i] = Replace(disarmed[i], found[i], own);
            next += found[i].Count;
        }
        return (disarmed, originals);
    }

    /// <summary>The path of the first object in <paramref name="value"/> that has a member whose name holds personal data, or null; <paramref name="root"/> is the path of the value itself.
    /// Names are not masked (two could become one, and expressions read members by name), so such a value must be refused.</summary>
    public static string? PersonalName(JsonElement value, string root, IReadOnlyList<string> kinds)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                var members = value.EnumerateObject().ToArray();
                return Array.Exists(members, member => PersonalData.Find(member.Name, kinds, hint: "").Count > 0)
                    ? root : members.Select(member => PersonalName(member.Value, $"{root}.{member.Name}", kinds)).FirstOrDefault(path => path is not null);
            case JsonValueKind.Array:
                return value.EnumerateArray().Select((item, index) => PersonalName(item, FormattableString.Invariant($"{root}[{index}]"), kinds)).FirstOrDefault(path => path is not null);
            default:
                return null;
        }
    }

    static IReadOnlyList<string> Check(IReadOnlyList<string> kinds) =>
        kinds.FirstOrDefault(kind => !MaskKinds.All.Contains(kind, StringComparer.Ordinal)) is { } unknown
            ? throw new ArgumentException($"'{unknown}' is no kind of personal data that masking knows; write {string.Join(", ", MaskKinds.All)}.", nameof(kinds))
            : kinds;

    static string Replace(string text, IReadOnlyList<Finding> found, IReadOnlyList<string> tokens)
    {
        if (found.Count == 0) return text;
        var masked = new StringBuilder(text.Length + found.Count * 20);
        var from = 0;
        for (var i = 0; i < found.Count; i++)
        {
            masked.Append(text, from, found[i].Start - from).Append(tokens[i]);
            from = found[i].End;
        }
        return masked.Append(text, from, text.Length - from).ToString();
    }

    static void Collect(JsonElement value, string name, IReadOnlyList<string> kinds, List<JsonLeaf> leaves)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject()) Collect(member.Value, member.Name, kinds, leaves);
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray()) Collect(item, name, kinds, leaves);
                break;
            case JsonValueKind.String or JsonValueKind.Number:
                var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : Number(JsonMarshal.GetRawUtf8Value(value));
                leaves.Add(new JsonLeaf(text, PersonalData.Find(text, kinds, name)));
                break;
        }
    }

    /// <summary>The digits of a number that could be somebody's: what has a fraction measures something, whatever its digits are.</summary>
    static string Number(ReadOnlySpan<byte> json) => WholeNumber.Digits(json) ?? (json.ContainsAnyExceptInRange((byte)'0', (byte)'9') ? "" : Encoding.ASCII.GetString(json));

    static JsonElement Rewrite(JsonElement value, List<JsonLeaf> leaves)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var next = 0;
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = AiOsJson.Options.Encoder })) Write(writer, value, leaves, ref next);
        var reader = new Utf8JsonReader(buffer.WrittenSpan, new JsonReaderOptions { MaxDepth = 64 });
        return JsonElement.ParseValue(ref reader);
    }

    static void Write(Utf8JsonWriter writer, JsonElement value, List<JsonLeaf> leaves, ref int next)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value, leaves, ref next);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray()) Write(writer, item, leaves, ref next);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String or JsonValueKind.Number when leaves[next++].Masked is { } masked:
                writer.WriteStringValue(masked);
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    sealed class JsonLeaf(string text, IReadOnlyList<Finding> found)
    {
        public string Text => text;
        public IReadOnlyList<Finding> Found => found;
        public string? Masked { get; set; }
    }
}

/// <summary>A request holds more personal values than are given tokens at once.</summary>
public sealed class TooManyValuesException() : Exception("There are more personal values than are given tokens at once.");
