namespace AiOs.Security.Detectors;

/// <summary>Telephone numbers: international ones (E.164 behind + or 00), national ones whose form is unlike an amount, a date or an id, and, where the
/// words before them (or the member's name) say so, any other of 7 to 13 digits. Extensions belong to their number.</summary>
static class PhoneDetector
{
    const int MostGroups = 17;

    public static IEnumerable<Candidate> Find(string text, IEnumerable<DigitRun> runs, string hint)
    {
        foreach (var whole in runs.Where(run => run.Digits >= 7 && BeginsAlone(text, run)))
            for (var first = 0; first < whole.Groups.Length; first++)
            {
                if (first > 0 && !MayBegin(whole, first)) continue;
                var part = whole.Slice(first, MostGroups);
                if (part.Digits < 7 || !EndsAlone(text, part)) continue;
                var run = part.HasPlus ? part : NumberShapes.WithoutDates(part);
                if (run is null || Fitting(run, Hint(text, run, hint)) is not { } number) continue;
                var end = ExtensionEnd(text, number.End);
                var extension = string.Concat(text[number.End..end].Where(char.IsAsciiDigit));
                yield return new Candidate(MaskKinds.Phone, number.Start, end, Normalise(number) + (extension.Length > 0 ? "x" + extension : ""));
                while (first + 1 < whole.Groups.Length && whole.Groups[first + 1].Start < number.End) first++;
            }
    }

    /// <summary>Whether a telephone number can begin inside a run: behind a space, with the zero or bracket of an area code, and not inside 1 025 000.</summary>
    static bool MayBegin(DigitRun run, int first)
    {
        var separator = run.Separator(first - 1);
        return (run.DigitsOf(first) is ['0', not '0', ..] || separator.Contains('(')) && separator is " " or "  " or " - " or " (" && !NumberShapes.IsThousands(run.Slice(0, MostGroups));
    }

    static PhoneHint Hint(string text, DigitRun run, string member) =>
        PhoneWords.LabelEnd(text, run.End) > run.End ? PhoneHint.Phone : PhoneWords.Before(text, run.Start, member);

    /// <summary>The run, or the groups of it that are the number; null where there is none.</summary>
    static DigitRun? Fitting(DigitRun run, PhoneHint hint)
    {
        if (IsInternational(run, hint)) return Cut(run, 15 + (run.HasPlus ? 0 : 2), 8);
        if (hint == PhoneHint.Other || NumberShapes.IsAmount(run) || NumberShapes.IsAddress(run)) return null;
        if (IsNational(run, hint)) return Cut(run, 12, 8);
        return hint == PhoneHint.Phone && !(run.Digits < 8 && NumberShapes.IsThousands(run)) ? Cut(run, 13, 7) : null;
    }

    static DigitRun? Cut(DigitRun run, int most, int least)
    {
        var count = run.Groups.Length;
        var digits = run.Digits;
        while (digits > most) digits -= run.Groups[--count].Length;
        return digits >= least ? run.Slice(0, count) : null;
    }

    static bool IsInternational(DigitRun run, PhoneHint hint)
    {
        var first = run.DigitsOf(0);
        if (run.HasPlus) return first[0] != '0' && run.Digits >= 8 && !(run.Digits <= 9 && NumberShapes.IsThousands(run)) && !NumberShapes.HasUnit(run);
        return first.StartsWith("00") && (first.Length > 2 ? first[2] : run.Groups.Length > 1 ? run.DigitsOf(1)[0] : '0') != '0'
            && run.Digits >= (run.Groups.Length > 1 ? 10 : 11) && hint != PhoneHint.Other;
    }

    static bool IsNational(DigitRun run, PhoneHint hint)
    {
        var sizes = new int[run.Groups.Length];
        for (var i = 0; i < sizes.Length; i++) sizes[i] = run.Groups[i].Length;
        var first = run.DigitsOf(0);
        if (first[0] == '0' && first is not ['0', '0', ..])
            return sizes.Length == 1 ? run.Digits is >= 10 and <= 12 || hint == PhoneHint.Phone : first.Length > 1 ? run.Digits >= 8 : run.Digits == 11 && run.Separator(0) is " ";
        if (run.Text[run.Start] == '(' && sizes.Length > 1 && run.Separator(0) is [')', ..]) return first.Length is >= 2 and <= 5 && run.Digits is >= 8 and <= 12 && !NumberShapes.IsYear(first);
        if (sizes.Length > 2 && first is "1" or "7" or "8" && run.Separator(0).Contains('(')) return run.Digits == 11;
        return sizes switch
        {
            [3, 3, 4] => first[0] >= '2' && !(run.Separator(0) is "-" && run.Separator(1) is " "),
            [1, 3, 3, 4] => first[0] is '1' or '7' or '8',
            [2, 3, 3, 4] => true,
            [2, 5, 4] or [2, 4, 4] => run.Separator(1) is "-",
            [3, 4, 4] => first[0] == '1' && first[1] >= '3',
            [5, 5] => first[0] >= '6',
            [2, 2, 2, 2] => run.Separator(0) is "-" && run.Separator(1) is "-" && run.Separator(2) is "-",
            _ => false,
        };
    }

    /// <summary>Whether nothing is glued to its beginning that makes it a part of an id, a time or a decimal number.</summary>
    static bool BeginsAlone(string text, DigitRun run)
    {
        var before = run.Start > 0 ? text[run.Start - 1] : ' ';
        var earlier = run.Start > 1 ? text[run.Start - 2] : ' ';
        if (char.IsLetterOrDigit(before) || before is '_' or '#' or '$' or '€' or '£' or '¥' or '@' or '%') return false;
        return !(before is '-' or '/' or '.' or ',' && char.IsLetterOrDigit(earlier));
    }

    /// <summary>Whether nothing is glued to its end either.</summary>
    static bool EndsAlone(string text, DigitRun run)
    {
        var after = run.End < text.Length ? text[run.End] : ' ';
        var later = run.End + 1 < text.Length ? text[run.End + 1] : ' ';
        if (after is '_' or '%' or '€' or '£' or '¥') return false;
        if (after is ',' or ':' && char.IsAsciiDigit(later) && !run.HasPlus) return false;
        if (after is '-' or '/' && char.IsLetter(later) && PhoneWords.LabelEnd(text, run.End) == run.End) return false;
        return !char.IsLetter(after) || ExtensionEnd(text, run.End) > run.End;
    }

    /// <summary>Behind <c>x12</c>, <c> ext. 12</c>, <c>, extension 12</c>; or <paramref name="from"/> where there is no extension.</summary>
    static int ExtensionEnd(string text, int from)
    {
        var at = from;
        while (at < text.Length && at - from < 2 && text[at] is ' ' or ',') at++;
        var word = at;
        while (at < text.Length && at - word < 9 && char.IsAsciiLetter(text[at])) at++;
        if (text[word..at].ToLowerInvariant() is not ("x" or "ext" or "extension")) return from;
        while (at < text.Length && text[at] is ' ' or '.' or ':' && at - word < 12) at++;
        var digits = at;
        while (at < text.Length && at - digits < 7 && char.IsAsciiDigit(text[at])) at++;
        return at - digits is >= 1 and <= 6 && (at == text.Length || !char.IsLetterOrDigit(text[at])) ? at : from;
    }

    /// <summary>Digits alone; 00 becomes +, and the national zero that people put into brackets behind the country code goes.</summary>
    static string Normalise(DigitRun number)
    {
        var international = number.HasPlus || number.DigitsOf(0).StartsWith("00");
        var groups = Enumerable.Range(0, number.Groups.Length).Where(i => !(international && i > 0 && number.DigitsOf(i) is "0" && number.Separator(i - 1).Contains('(')));
        var digits = string.Concat(groups.Select(i => number.DigitsOf(i).ToString()));
        return international ? "+" + (number.HasPlus ? digits : digits[2..]) : digits;
    }
}
