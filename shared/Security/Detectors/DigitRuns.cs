namespace AiOs.Security.Detectors;

/// <summary>Groups of digits that stand together as one number may: separated by a space, dash, dot, slash or brackets.</summary>
sealed class DigitRun(string text, int start, IReadOnlyList<DigitGroup> groups)
{
    public string Text => text;

    /// <summary>Where it begins: at its first digit, or at a plus or bracket before it.</summary>
    public int Start => start;

    public int End => groups[^1].End;

    public IReadOnlyList<DigitGroup> Groups => groups;

    public int Digits { get; } = groups.Sum(group => group.Length);

    public bool HasPlus => text[start] == '+' || start + 1 < text.Length && text[start] == '(' && text[start + 1] == '+';

    /// <summary>What stands between group <paramref name="index"/> and the next.</summary>
    public ReadOnlySpan<char> Separator(int index) => text.AsSpan(groups[index].End, groups[index + 1].Start - groups[index].End);

    public ReadOnlySpan<char> DigitsOf(int index) => text.AsSpan(groups[index].Start, groups[index].Length);

    /// <summary>The run of the groups from <paramref name="from"/>, at most <paramref name="count"/> of them.</summary>
    public DigitRun Slice(int from, int count) =>
        new(text, from == 0 ? start : text[groups[from].Start - 1] == '(' ? groups[from].Start - 1 : groups[from].Start, [.. groups.Take(new Range(from, Math.Min(groups.Count, from + count)))]);
}

/// <summary>Digits without anything between them; <paramref name="End"/> is exclusive.</summary>
readonly record struct DigitGroup(int Start, int End)
{
    public int Length => End - Start;
}

static class DigitRuns
{
    /// <summary>The runs of <paramref name="text"/> outside of what is taken.</summary>
    public static IEnumerable<DigitRun> Find(string text, bool[] taken)
    {
        var groups = new List<DigitGroup>();
        for (var i = 0; i < text.Length;)
        {
            if (!IsDigit(i))
            {
                i++;
                continue;
            }
            var end = i;
            while (end < text.Length && IsDigit(end)) end++;
            if (groups.Count > 0 && !Joins(text.AsSpan(groups[^1].End, i - groups[^1].End)))
            {
                yield return Run(text, groups);
                groups.Clear();
            }
            groups.Add(new DigitGroup(i, end));
            i = end;
        }
        if (groups.Count > 0) yield return Run(text, groups);

        bool IsDigit(int at) => char.IsAsciiDigit(text[at]) && !taken[at];
    }

    static DigitRun Run(string text, List<DigitGroup> groups)
    {
        var start = groups[0].Start;
        if (start > 0 && text[start - 1] == '(') start--;
        if (start > 0 && text[start - 1] == '+') start--;
        if (start > 0 && text[start] == '+' && text[start - 1] == '(') start--;
        return new DigitRun(text, start, [.. groups]);
    }

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
