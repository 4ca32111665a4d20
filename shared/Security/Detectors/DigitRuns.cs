namespace AiOs.Security.Detectors;

/// <summary>Groups of digits that stand together as one number may: separated by a space, dash, dot, slash or brackets.</summary>
sealed class DigitRun(string text, int start, ArraySegment<DigitGroup> groups)
{
    public string Text => text;

    /// <summary>Where it begins: at its first digit, or at a plus or bracket before it.</summary>
    public int Start => start;

    public int End => groups[^1].End;

    public ReadOnlySpan<DigitGroup> Groups => groups;

    public int Digits { get; } = Count(groups);

    public bool HasPlus => text[start] == '+' || start + 1 < text.Length && text[start] == '(' && text[start + 1] == '+';

    /// <summary>What stands between group <paramref name="index"/> and the next.</summary>
    public ReadOnlySpan<char> Separator(int index) => text.AsSpan(groups[index].End, groups[index + 1].Start - groups[index].End);

    public ReadOnlySpan<char> DigitsOf(int index) => text.AsSpan(groups[index].Start, groups[index].Length);

    /// <summary>The run of the groups from <paramref name="from"/>, at most <paramref name="count"/> of them.</summary>
    public DigitRun Slice(int from, int count) =>
        new(text, from == 0 ? start : text[groups[from].Start - 1] == '(' ? groups[from].Start - 1 : groups[from].Start, groups.Slice(from, Math.Min(groups.Count - from, count)));

    static int Count(ReadOnlySpan<DigitGroup> groups)
    {
        var digits = 0;
        foreach (var group in groups) digits += group.Length;
        return digits;
    }
}

/// <summary>Digits without anything between them; <paramref name="End"/> is exclusive.</summary>
readonly record struct DigitGroup(int Start, int End)
{
    public int Length => End - Start;
}

static class DigitRuns
{
    /// <summary>Shorter runs are nobody's number.</summary>
    const int FewestDigits = 7;

    /// <summary>The runs of at least seven digits of <paramref name="text"/>, outside of what is taken by the time that each is asked for. A run is good until the next one is asked for.</summary>
    public static IEnumerable<DigitRun> Find(string text, bool[] taken)
    {
        var (groups, count, digits) = (new DigitGroup[32], 0, 0);
        for (var next = Group(text, taken, 0); next.Length > 0; next = Group(text, taken, next.End))
        {
            if (count > 0 && !Joins(text, groups[count - 1].End, next.Start))
            {
                if (digits >= FewestDigits) yield return Run(text, new(groups, 0, count));
                (count, digits) = (0, 0);
            }

            if (count == groups.Length) Array.Resize(ref groups, count * 2);
            groups[count++] = next;
            digits += next.Length;
        }

        if (digits >= FewestDigits) yield return Run(text, new(groups, 0, count));
    }

    /// <summary>The first group from <paramref name="from"/> on; an empty one at the end.</summary>
    static DigitGroup Group(ReadOnlySpan<char> text, ReadOnlySpan<bool> taken, int from)
    {
        var start = from;
        while (start < text.Length && (!char.IsAsciiDigit(text[start]) || taken[start])) start++;
        var end = start;
        while (end < text.Length && char.IsAsciiDigit(text[end]) && !taken[end]) end++;
        return new DigitGroup(start, end);
    }

    static DigitRun Run(string text, ArraySegment<DigitGroup> groups)
    {
        var start = groups[0].Start;
        if (start > 0 && text[start - 1] == '(') start--;
        if (start > 0 && text[start - 1] == '+') start--;
        if (start > 0 && text[start] == '+' && text[start - 1] == '(') start--;
        return new DigitRun(text, start, groups);
    }

    static bool Joins(string text, int from, int to) => to - from == 1 ? text[from] is ' ' or '-' or '.' or '/' or '(' or ')' : Joins(text.AsSpan(from, to - from));

    static bool Joins(ReadOnlySpan<char> between)
    {
        if (between.Length > 3) return false;
        Span<char> rest = stackalloc char[3];
        var length = 0;
        foreach (var c in between)
            if (c is not ('(' or ')')) rest[length++] = c;
        return length == 0 ? between.Length > 0 : rest[..length] is " " or "-" or "." or "/" or " - " or "  ";
    }
}
