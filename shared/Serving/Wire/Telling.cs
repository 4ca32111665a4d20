using System.Buffers;

namespace AiOs.Serving.Wire;

/// <summary>Whether a JSON string could hold something personal, or a token: a look at its bytes that costs nothing beside the search that follows where it could.</summary>
static class Telling
{
    const int Shortest = 5;

    static readonly SearchValues<byte> Bytes = SearchValues.Create([.. "@\\[0123456789"u8, .. Enumerable.Range(0x80, 0x80).Select(value => (byte)value)]);

    /// <summary>True where it could. No personal value is without an at sign, two digits, or a character beyond ASCII that may stand for one.</summary>
    /// <param name="text">What stands between the quotes, escapes as they are.</param>
    public static bool Of(ReadOnlySpan<byte> text)
    {
        if (text.Length < Shortest)
            return false;
        var digits = 0;
        for (var rest = text; ;)
        {
            var at = rest.IndexOfAny(Bytes);
            if (at < 0)
                return false;
            switch (rest[at])
            {
                case (byte)'\\':
                    if (rest[at + 1] == 'u')
                        return true;
                    at++;
                    break;
                case (byte)'[':
                    if (rest.Length - at > 30 && rest[at..].Contains((byte)':'))
                        return true;
                    break;
                case >= (byte)'0' and <= (byte)'9':
                    if (++digits == 2)
                        return true;
                    break;
                default:
                    return true;
            }
            rest = rest[(at + 1)..];
        }
    }
}
