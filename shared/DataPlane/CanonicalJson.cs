using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace AiOs.DataPlane;

/// <summary>JSON in the one form that has a hash: the JSON Canonicalization Scheme (RFC 8785). Members sorted by UTF-16 code units, no white space,
/// strings with the fewest escapes, numbers as ECMAScript writes a double. One safe exception: an integer too large for a double keeps its digits,
/// for two different amounts must never share a hash.</summary>
public static class CanonicalJson
{
    /// <summary>The canonical UTF-8 bytes of <paramref name="value"/>.</summary>
    /// <exception cref="ArgumentException">A member name occurs twice in one object, or a number is no finite double.</exception>
    public static byte[] Bytes(JsonElement value)
    {
        var text = new StringBuilder();
        Append(text, value);
        return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetBytes(text.ToString());
    }

    /// <summary><c>sha256:</c> and the hex digest of the canonical bytes of <paramref name="value"/>, serialised as <see cref="AiOsJson"/>.</summary>
    public static string Digest<T>(T value) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Bytes(JsonSerializer.SerializeToElement(value, AiOsJson.Options))));

    static void Append(StringBuilder text, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object: AppendObject(text, value); break;
            case JsonValueKind.Array: AppendArray(text, value); break;
            case JsonValueKind.String: AppendString(text, value.GetString()!); break;
            case JsonValueKind.Number: text.Append(EcmaScriptNumber.Format(value)); break;
            case JsonValueKind.True: text.Append("true"); break;
            case JsonValueKind.False: text.Append("false"); break;
            case JsonValueKind.Null: text.Append("null"); break;
            default: throw new ArgumentException("An undefined JSON value has no canonical form.", nameof(value));
        }
    }

    static void AppendObject(StringBuilder text, JsonElement value)
    {
        string? last = null;
        text.Append('{');
        foreach (var member in value.EnumerateObject().OrderBy(m => m.Name, StringComparer.Ordinal))
        {
            if (member.Name == last) throw new ArgumentException($"The member '{last}' occurs twice.", nameof(value));
            if (last is not null) text.Append(',');
            AppendString(text, last = member.Name);
            text.Append(':');
            Append(text, member.Value);
        }
        text.Append('}');
    }

    static void AppendArray(StringBuilder text, JsonElement value)
    {
        text.Append('[');
        var first = true;
        foreach (var item in value.EnumerateArray())
        {
            if (!first) text.Append(',');
            first = false;
            Append(text, item);
        }
        text.Append(']');
    }

    static void AppendString(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in value)
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\b' => text.Append("\\b"),
                '\t' => text.Append("\\t"),
                '\n' => text.Append("\\n"),
                '\f' => text.Append("\\f"),
                '\r' => text.Append("\\r"),
                < ' ' => text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture)),
                _ => text.Append(c),
            };
        text.Append('"');
    }
}

/// <summary>ECMAScript's Number::toString: the shortest digits that read back as the same double, placed by its rules.</summary>
static class EcmaScriptNumber
{
    const long Exact = 1L << 53;

    public static string Format(JsonElement value)
    {
        var raw = value.GetRawText();
        var isInteger = !raw.AsSpan().ContainsAny('.', 'e', 'E');
        var isExact = value.TryGetInt64(out var integer) && integer is >= -Exact and <= Exact;
        return isInteger && !isExact ? raw : Format(value.GetDouble());
    }

    static string Format(double number)
    {
        if (!double.IsFinite(number)) throw new ArgumentException("JSON has no infinity.", nameof(number));
        if (number == 0) return "0";
        var sign = number < 0 ? "-" : "";
        var (digits, exponent) = Split(Math.Abs(number).ToString("R", CultureInfo.InvariantCulture));
        return sign + Place(digits, exponent);
    }

    /// <summary>Digits without leading or trailing zeros, and n so that the value is 0.digits times ten to the n.</summary>
    static (string Digits, int Exponent) Split(string round)
    {
        var mark = round.IndexOf('E', StringComparison.Ordinal);
        var shift = mark < 0 ? 0 : int.Parse(round.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var mantissa = mark < 0 ? round : round[..mark];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? mantissa.Length : point;
        var all = mantissa.Replace(".", "", StringComparison.Ordinal);
        var leading = all.Length - all.TrimStart('0').Length;
        return (all.Trim('0'), whole + shift - leading);
    }

    static string Place(string digits, int n)
    {
        var k = digits.Length;
        if (k <= n && n <= 21) return digits + new string('0', n - k);
        if (0 < n && n <= 21) return $"{digits[..n]}.{digits[n..]}";
        if (-6 < n && n <= 0) return $"0.{new string('0', -n)}{digits}";
        var e = (n - 1).ToString("+0;-0", CultureInfo.InvariantCulture);
        return k == 1 ? $"{digits}e{e}" : $"{digits[0]}.{digits[1..]}e{e}";
    }
}
