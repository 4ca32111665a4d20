namespace AiOs.Security.Detectors;

/// <summary>Payment card numbers: 13 to 19 digits (12 for Maestro) in the groups that cards are written in, of an issuer that has numbers of that
/// length, with the check digit of ISO/IEC 7812 (Luhn). Windows over groups, so that an expiry date behind the number does not hide it.</summary>
static class CardDetector
{
    const int Longest = 19;
    static readonly int[] LikeliestLengths = [16, 15, 14, 13, 19, 18, 17, 12];

    public static IEnumerable<Candidate> Find(IEnumerable<DigitRun> runs) => runs.Where(run => run.Digits >= 12).SelectMany(In);

    /// <summary>Whether these digits alone are a card's number.</summary>
    public static bool Is(string digits) => digits.Length is >= 12 and <= Longest && IsIssued(digits) && Luhn(digits);

    static IEnumerable<Candidate> In(DigitRun run)
    {
        for (var first = 0; first < run.Groups.Count; first++)
        {
            if (Card(run, first) is not var (count, digits)) continue;
            yield return new Candidate(MaskKinds.Card, run.Groups[first].Start, run.Groups[first + count - 1].End, digits);
            first += count - 1;
        }
    }

    static (int Count, string Digits)? Card(DigitRun run, int first)
    {
        if (run.HasPlus && first == 0 || IsGlued(run.Text, run.Groups[first].Start - 1)) return null;
        Span<char> digits = stackalloc char[Longest];
        Span<int> groupsAt = stackalloc int[Longest + 1];   // how many groups make that many digits; 0: a group goes on there
        groupsAt.Clear();
        var (count, total) = (0, 0);
        while (first + count < run.Groups.Count && total + run.Groups[first + count].Length <= Longest)
        {
            run.DigitsOf(first + count).CopyTo(digits[total..]);
            total += run.Groups[first + count++].Length;
            groupsAt[total] = count;
        }
        foreach (var length in LikeliestLengths)
        {
            var number = digits[..length];
            if (groupsAt[length] == 0 || !IsIssued(number) || !Luhn(number) || !IsShape(run, first, groupsAt[length])) continue;
            if (!IsGlued(run.Text, run.Groups[first + groupsAt[length] - 1].End)) return (groupsAt[length], number.ToString());
        }
        return null;
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

    static bool IsIssued(ReadOnlySpan<char> digits)
    {
        var two = (digits[0] - '0') * 10 + digits[1] - '0';
        var four = two * 100 + (digits[2] - '0') * 10 + digits[3] - '0';
        var maestro = two is 50 or >= 56 and <= 69;
        return digits.Length switch
        {
            12 => maestro,
            13 => two / 10 == 4 || maestro,
            14 => two is 30 or 36 or 38 or 39 || maestro,
            15 => two is 34 or 37 || four is 2131 or 1800 || maestro,
            16 => two / 10 is >= 3 and <= 6 || four is >= 2200 and <= 2720 or 2014 or 2149 or 9792 || two is 81 or 82,
            17 or 18 => maestro || two is 35,
            19 => two / 10 == 4 || two is 35 or 36 || maestro,
            _ => false,
        };
    }

    static bool Luhn(ReadOnlySpan<char> digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            var doubled = i % 2 == 1 ? digit * 2 : digit;
            sum += doubled > 9 ? doubled - 9 : doubled;
        }
        return sum % 10 == 0;
    }
}
