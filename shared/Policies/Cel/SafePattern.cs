using System.Text.RegularExpressions;

namespace AiOs.Policies.Cel;

/// <summary>Compiles patterns that strangers wrote: <see cref="RegexOptions.NonBacktracking"/>, so matching is linear in the text; at most 500 characters
/// and 2,000 positions once counted repetitions are written out, so the automaton stays small.</summary>
public static class SafePattern
{
    /// <summary>The longest pattern, in characters.</summary>
    public const int MaxLength = 500;

    const long MaxPositions = 2000;

    static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    /// <summary>Compiles <paramref name="pattern"/>.</summary>
    /// <exception cref="FormatException">Not a pattern, too large, or one that needs backtracking (look-around, back-references); the message says which.</exception>
    public static Regex Compile(string pattern, RegexOptions options = RegexOptions.None)
    {
        if (pattern.Length > MaxLength)
            throw new FormatException($"A pattern has at most {MaxLength} characters.");
        if (Positions(pattern) > MaxPositions)
            throw new FormatException($"The pattern repeats too much: written out it has more than {MaxPositions} positions.");
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | options, Limit);
        }
        catch (NotSupportedException wrong)
        {
            throw new FormatException("The pattern needs backtracking (look-around, a back-reference or an atomic group); patterns here are linear.", wrong);
        }
        catch (RegexParseException wrong)
        {
            throw new FormatException($"The pattern does not parse ({Words(wrong.Error)} at offset {wrong.Offset}).", wrong);
        }
    }

    static string Words(RegexParseError error) => string.Concat(error.ToString().Select((c, i) => i > 0 && char.IsAsciiLetterUpper(c) ? " " + char.ToLowerInvariant(c) : char.ToLowerInvariant(c).ToString()));

    /// <summary>An upper bound of the positions of the pattern with its <c>{n,m}</c> written out; never too low.</summary>
    static long Positions(string pattern)
    {
        var groups = new Stack<long>();
        long total = 0, last = 0;
        for (var i = 0; i < pattern.Length; i++)
            switch (pattern[i])
            {
                case '\\':
                    i++;
                    Add(1);
                    break;
                case '[':
                    i = EndOfClass(pattern, i);
                    Add(1);
                    break;
                case '(':
                    groups.Push(total);
                    (total, last) = (0, 0);
                    break;
                case ')' when groups.Count > 0:
                    last = Math.Max(total, 1);
                    total = groups.Pop() + last;
                    break;
                case '{' when Repetition(pattern, i) is { } times:
                    total = Math.Min(total + (last * Math.Max(times - 1, 0)), long.MaxValue / 4096);
                    last = Math.Min(last * Math.Max(times, 1), long.MaxValue / 4096 / 4096);
                    break;
                default:
                    Add(1);
                    break;
            }
        while (groups.Count > 0)
            total += groups.Pop();
        return total;

        void Add(long positions)
        {
            last = positions;
            total += positions;
        }
    }

    static int EndOfClass(string pattern, int start)
    {
        for (var i = start + 1; i < pattern.Length; i++)
            if (pattern[i] == '\\')
                i++;
            else if (pattern[i] == ']' && i > start + 1)
                return i;
        return pattern.Length;
    }

    static long? Repetition(string pattern, int start)
    {
        var end = pattern.IndexOf('}', start);
        if (end < 0)
            return null;
        var bounds = pattern[(start + 1)..end].Split(',');
        if (bounds.Length > 2 || !long.TryParse(bounds[0], System.Globalization.CultureInfo.InvariantCulture, out var least))
            return null;
        var most = bounds.Length == 2 && long.TryParse(bounds[1], System.Globalization.CultureInfo.InvariantCulture, out var upper) ? upper : least;
        return Math.Min(Math.Max(least, most), 1 << 20);
    }
}
