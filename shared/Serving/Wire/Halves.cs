using System.Globalization;
using System.Text;

namespace AiOs.Serving.Wire;

/// <summary>Characters beyond the first plane are two halves in UTF-16 and in JSON's escapes; an endpoint may cut its pieces between them, or send one alone.</summary>
static class Halves
{
    /// <summary>The text of a JSON string that is right but for halves of characters; they stay, so that the next piece can complete them.</summary>
    /// <param name="escaped">Between the quotes.</param>
    public static string Read(ReadOnlySpan<byte> escaped)
    {
        var (raw, text) = (Encoding.UTF8.GetString(escaped), new StringBuilder());
        for (var i = 0; i < raw.Length; i++)
            if (raw[i] != '\\')
                text.Append(raw[i]);
            else if (raw[++i] == 'u')
                text.Append((char)ushort.Parse(raw.AsSpan((i += 4) - 3, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            else
                text.Append(raw[i] switch { 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', var plain => plain });
        return text.ToString();
    }

    /// <summary>The text with U+FFFD for every half that stands alone.</summary>
    public static string Mended(string text) => text.AsSpan().ContainsAnyInRange('\ud800', '\udfff') ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) : text;
}
