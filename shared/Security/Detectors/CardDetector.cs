namespace AiOs.Security.Detectors;

/// <summary>Payment card numbers: 13 to 19 digits (12 for Maestro) in the groups that cards are written in, of an issuer that has numbers of that
/// length, with the check digit of ISO/IEC 7812 (Luhn). Windows over groups, so that an expiry date behind the number does not hide it.</summary>
static class CardDetector
{
    const int Shortest = 12, Longest = 19;
    static readonly int[] LikeliestLengths = [16, 15, 14, 13, 19, 18, 17, 12];

    public static IEnumerable<Candidate> Find(DigitRun run) => run.Digits < Shortest ? [] : In(run);

    static IEnumerable<Candidate> In(DigitRun run)
    {
        for (var first = 0; first < run.Groups.Length; first++)
        {
            if (Groups(run, first) is not (> 0 and var count)) continue;
            var last = first + count - 1;
            yield return new Candidate(MaskKinds.Card, run.Groups[first].Start, run.Groups[last].End, Digits(run, first, count));
            first = last;
        }
    }

    /// <summary>Whether these digits alone are a card's number.</summary>
    public static bool Is(string digits) => digits.Length is >= Shortest and <= Longest && (Issued(digits) >> digits.Length & 1) != 0 && Luhn(digits);

    /// <summary>How many groups from <paramref name="first"/> on are a card's number; 0 for none. A pass over at most 19 digits finds the ends of all lengths with their check sums.</summary>
    static int Groups(DigitRun run, int first)
    {
        var groups = run.Groups;
        var text = run.Text;
        if (run.HasPlus && first == 0 || IsGlued(text, groups[first].Start - 1)) return 0;
        var issued = Issued(run, first);
        if (issued == 0) return 0;
        var (total, sums, ends) = (0, 0, 0UL);   // ends: how many groups make a number of each length, five bits a length; 0: none do
        for (var at = first; at < groups.Length && total + groups[at].Length <= Longest; at++)
        {
            foreach (var digit in text.AsSpan(groups[at].Start, groups[at].Length)) sums += Luhns[(total++ & 1) * 10 + digit - '0'];
            if ((issued >> total & 1) != 0 && ((total & 1) == 1 ? sums & 0xFFFF : sums >> 16) % 10 == 0) ends |= (ulong)(at - first + 1) << (total - Shortest) * 5;
        }

        if (ends != 0)
            foreach (var length in LikeliestLengths)
                if ((int)(ends >> (length - Shortest) * 5 & 31) is > 0 and var count && IsShape(run, first, count) && !IsGlued(text, groups[first + count - 1].End)) return count;
        return 0;
    }

    /// <summary>What a digit adds to two check sums at once: in the lower half to that of the numbers whose last digit stands at an even place, in the upper half to that of the others. First the digits at even places, then those at odd ones.</summary>
    static ReadOnlySpan<int> Luhns =>
    [
        0, 1 | 2 << 16, 2 | 4 << 16, 3 | 6 << 16, 4 | 8 << 16, 5 | 1 << 16, 6 | 3 << 16, 7 | 5 << 16, 8 | 7 << 16, 9 | 9 << 16,
        0, 2 | 1 << 16, 4 | 2 << 16, 6 | 3 << 16, 8 | 4 << 16, 1 | 5 << 16, 3 | 6 << 16, 5 | 7 << 16, 7 | 8 << 16, 9 | 9 << 16,
    ];

    /// <summary>The lengths of the numbers that begin with group <paramref name="first"/>, one bit each.</summary>
    static int Issued(DigitRun run, int first)
    {
        var digits = run.DigitsOf(first);
        if (digits.Length >= 4) return Issued(digits);
        Span<char> leading = stackalloc char[4];
        var count = 0;
        for (var at = first; count < 4; digits = run.DigitsOf(at))
        {
            foreach (var digit in digits)
                if (count < 4) leading[count++] = digit;
            if (++at == run.Groups.Length) break;
        }

        return count == 4 ? Issued(leading) : 0;
    }

    static string Digits(DigitRun run, int first, int count)
    {
        Span<char> digits = stackalloc char[Longest];
        var total = 0;
        for (var at = first; at < first + count; at++)
        {
            run.DigitsOf(at).CopyTo(digits[total..]);
            total += run.Groups[at].Length;
        }
        return digits[..total].ToString();
    }

    static bool IsGlued(string text, int at) => at >= 0 && at < text.Length && char.IsLetter(text[at]);

    static bool IsShape(DigitRun run, int first, int count)
    {
        if (count == 1) return true;
        Span<int> sizes = stackalloc int[count];
        for (var i = 0; i < count; i++)
        {
            sizes[i] = run.Groups[first + i].Length;
            if (i + 1 < count && run.Separator(first + i).ContainsAny('(', ')')) return false;
        }
        if (sizes is [4, 6, 4] or [4, 6, 5] or [6, 13] or [8, 8]) return true;
        if (sizes[0] is 1 or 2 or 4 && !sizes[..^1].ContainsAnyExcept(sizes[0]) && sizes[^1] <= sizes[0]) return true;
        var thousands = sizes[0] <= 3 && !sizes[1..].ContainsAnyExcept(3);
        return !thousands && !sizes.ContainsAnyInRange(1, 2);
    }

    /// <summary>The lengths of the numbers that begin with these four digits, one bit each.</summary>
    static int Issued(ReadOnlySpan<char> leading)
    {
        var two = (leading[0] - '0') * 10 + leading[1] - '0';
        var four = two * 100 + (leading[2] - '0') * 10 + leading[3] - '0';
        var lengths = two is 50 or >= 56 and <= 69 ? 0b1111_1111 << 12 : 0;   // Maestro
        if (two / 10 == 4) lengths |= 1 << 13 | 1 << 19;
        if (two is 30 or 36 or 38 or 39) lengths |= 1 << 14;
        if (two is 34 or 37 || four is 2131 or 1800) lengths |= 1 << 15;
        if (two / 10 is >= 3 and <= 6 || four is >= 2200 and <= 2720 or 2014 or 2149 or 9792 || two is 81 or 82) lengths |= 1 << 16;
        if (two is 35) lengths |= 1 << 17 | 1 << 18;
        if (two is 35 or 36) lengths |= 1 << 19;
        return lengths;
    }

    static bool Luhn(ReadOnlySpan<char> digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++) sum += Luhns[(digits.Length - 1 - i & 1) * 10 + digits[i] - '0'] & 0xFFFF;
        return sum % 10 == 0;
    }
}
