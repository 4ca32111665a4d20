namespace AiOs.DataPlane;

/// <summary>RFC 4648 base32 in lower case and without padding: letters and 2-7, safe in ids, paths and URLs.</summary>
public static class Base32
{
    const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    /// <summary>Five bits a character; the last one is filled up with zeros.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var text = new char[(bytes.Length * 8 + 4) / 5];
        for (var i = 0; i < text.Length; i++)
        {
            var bit = i * 5;
            var pair = bytes[bit / 8] << 8 | (bit / 8 + 1 < bytes.Length ? bytes[bit / 8 + 1] : 0);
            text[i] = Alphabet[pair >> 11 - bit % 8 & 31];
        }
        return new string(text);
    }
}
