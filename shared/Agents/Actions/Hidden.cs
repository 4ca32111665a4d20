using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using AiOs.DataPlane;
using AiOs.Security;

namespace AiOs.Agents.Actions;

/// <summary>What a filled request gave to the other side, and what stands for it where the other side says it back: a secret is <c>[secret:name]</c>, an original is its token.
/// Known literally, so that also what no detector would recognise is found, whatever its case; values of fewer than four characters are no secrets.</summary>
sealed class Hidden
{
    const int Shortest = 4;

    readonly IReadOnlyDictionary<string, string> secrets, originals;
    readonly Literals hiddenSecrets, hiddenOriginals;

    /// <param name="secrets">Values by name.</param>
    /// <param name="originals">Originals by token.</param>
    public Hidden(IReadOnlyDictionary<string, string> secrets, IReadOnlyDictionary<string, string> originals)
    {
        (this.secrets, this.originals) = (secrets, originals);
        hiddenSecrets = new(secrets.SelectMany(secret => Spellings(secret.Value).Select(text => (text, $"[secret:{secret.Key}]"))));
        hiddenOriginals = new(originals.SelectMany(original => Spellings(original.Value).Concat(Closed(original.Key, original.Value)).Select(text => (text, original.Key))));
    }

    public static Hidden Nothing { get; } = new(new Dictionary<string, string>(StringComparer.Ordinal), new Dictionary<string, string>(StringComparer.Ordinal));

    /// <summary>What either request gave away.</summary>
    public Hidden And(Hidden other) => ReferenceEquals(other, Nothing) ? this : new(Union(secrets, other.secrets), Union(originals, other.originals));

    /// <summary>To be done before masking. U+0000, which not every database can store, becomes U+FFFD.</summary>
    public string CoverSecrets(string text) => hiddenSecrets.Replace(text.Replace('\0', '\uFFFD'));

    /// <inheritdoc cref="CoverSecrets(string)"/>
    /// <remarks>In member names, which masking leaves alone, foreign tokens are disarmed here.</remarks>
    public JsonElement CoverSecrets(JsonElement value) => Rewrite(value, name => Vault.Disarm(CoverSecrets(name)), CoverSecrets, hiddenSecrets);

    /// <summary>To be done after masking, which would take our tokens for foreign ones.</summary>
    public string CoverOriginals(string text)
    {
        if (!Vault.ContainsToken(text))
            return hiddenOriginals.Replace(text);
        var covered = new StringBuilder(text.Length);
        var from = 0;
        foreach (var token in Vault.TokenPattern.EnumerateMatches(text))
        {
            covered.Append(hiddenOriginals.Replace(text[from..token.Index])).Append(text, token.Index, token.Length);
            from = token.Index + token.Length;
        }

        return covered.Append(hiddenOriginals.Replace(text[from..])).ToString();
    }

    /// <inheritdoc cref="CoverOriginals(string)"/>
    public JsonElement CoverOriginals(JsonElement value) => hiddenOriginals.IsEmpty ? value : Rewrite(value, CoverOriginals, CoverOriginals, hiddenOriginals);

    static Dictionary<string, string> Union(IReadOnlyDictionary<string, string> one, IReadOnlyDictionary<string, string> other)
    {
        var both = new Dictionary<string, string>(one, StringComparer.Ordinal);
        foreach (var (key, value) in other)
            both[key] = value;
        return both;
    }

    /// <summary>As it is, and as it stands in URLs, forms and quoted JSON.</summary>
    static IEnumerable<string> Spellings(string value) =>
        [value, value.Trim(), Uri.EscapeDataString(value), WebUtility.UrlEncode(value), JavaScriptEncoder.Default.Encode(value), JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(value)];

    /// <summary>A number without the spaces and strokes between its groups, with and without its plus.</summary>
    static IEnumerable<string> Closed(string token, string original)
    {
        if (token.StartsWith("[" + MaskKinds.Email, StringComparison.Ordinal))
            yield break;
        var closed = string.Concat(original.Where(char.IsLetterOrDigit));
        yield return closed;
        yield return string.Concat(original.Where(c => !char.IsWhiteSpace(c)));
        yield return "+" + closed;
    }

    static JsonElement Rewrite(JsonElement value, Func<string, string> name, Func<string, string> text, Literals literals)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = AiOsJson.Options.Encoder }))
            Write(writer, value, name, text, literals);
        var reader = new Utf8JsonReader(buffer.WrittenSpan, new JsonReaderOptions { MaxDepth = 64 });
        return JsonElement.ParseValue(ref reader);
    }

    static void Write(Utf8JsonWriter writer, JsonElement value, Func<string, string> name, Func<string, string> text, Literals literals)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    writer.WritePropertyName(name(member.Name));
                    Write(writer, member.Value, name, text, literals);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                    Write(writer, item, name, text, literals);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(text(value.GetString()!));
                break;
            // A whole number only: digits within an amount say nothing.
            case JsonValueKind.Number when literals.Shown(value.GetRawText()) is { } shown:
                writer.WriteStringValue(shown);
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    /// <summary>Texts with what is shown in their place; one pass, the first place first and there the longest text.</summary>
    sealed class Literals
    {
        readonly (string Text, string Shown)[] literals;
        readonly SearchValues<string> search;

        public Literals(IEnumerable<(string Text, string Shown)> literals)
        {
            this.literals = [.. literals.Where(literal => literal.Text.Length >= Shortest).DistinctBy(literal => literal.Text, StringComparer.OrdinalIgnoreCase).OrderByDescending(literal => literal.Text.Length)];
            search = SearchValues.Create([.. this.literals.Select(literal => literal.Text)], StringComparison.OrdinalIgnoreCase);
        }

        public bool IsEmpty => literals.Length == 0;

        public string? Shown(string whole) => Array.Find(literals, literal => literal.Text.Equals(whole, StringComparison.OrdinalIgnoreCase)).Shown;

        public string Replace(string text)
        {
            var at = IsEmpty ? -1 : text.AsSpan().IndexOfAny(search);
            if (at < 0)
                return text;
            var replaced = new StringBuilder(text.Length);
            var from = 0;
            while (at >= 0)
            {
                var place = from + at;
                var (found, shown) = Array.Find(literals, literal => text.AsSpan(place).StartsWith(literal.Text, StringComparison.OrdinalIgnoreCase));
                replaced.Append(text, from, at).Append(shown);
                from = place + found.Length;
                at = text.AsSpan(from).IndexOfAny(search);
            }

            return replaced.Append(text, from, text.Length - from).ToString();
        }
    }
}
