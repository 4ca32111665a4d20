using System.Globalization;

namespace AiOs.Security.Detectors;

/// <summary>The forms of numbers that are no telephone numbers.</summary>
static class NumberShapes
{
    static readonly string[] Units = ["eur", "usd", "gbp", "chf", "jpy", "pln", "sek", "nok", "dkk", "czk", "euro", "euros", "dollars", "pounds", "kg", "km", "items", "units", "users", "people", "million", "bytes", "ms"];

    /// <summary>Groups of three behind a first one of up to three, as in 1 250 000 or 1.250.000, not beginning with a zero.</summary>
    public static bool IsThousands(DigitRun run)
    {
        if (run.Groups.Length < 2 || run.Groups[0].Length > 3 || run.Text[run.Groups[0].Start] == '0') return false;
        for (var i = 1; i < run.Groups.Length; i++)
            if (run.Groups[i].Length != 3 || run.Separator(i - 1) is not (" " or ".")) return false;
        return true;
    }

    /// <summary>Thousands with dots, a unit or currency beside the number, or a decimal fraction.</summary>
    public static bool IsAmount(DigitRun run) =>
        HasUnit(run) || IsThousands(run) && run.Separator(0) is "." || run.Groups.Length == 2 && run.Separator(0) is "." && run.Groups[1].Length <= 2;

    public static bool HasUnit(DigitRun run) => Units.Contains(WordAfter(run.Text, run.End), StringComparer.OrdinalIgnoreCase) || IsCurrencyBefore(run.Text, run.Start)
        || run.Text.AsSpan(run.End).TrimStart() is ['€' or '$' or '£' or '¥' or '%', ..];

    /// <summary>An IPv4 address: four numbers to 255 with dots.</summary>
    public static bool IsAddress(DigitRun run)
    {
        if (run.Groups.Length != 4) return false;
        for (var i = 0; i < 4; i++)
            if (run.Groups[i].Length > 3 || int.Parse(run.DigitsOf(i), CultureInfo.InvariantCulture) > 255 || i > 0 && run.Separator(i - 1) is not "." || run.DigitsOf(i) is ['0', _, ..]) return false;
        return true;
    }

    public static bool IsYear(ReadOnlySpan<char> digits) => digits is ['1', '9', _, _] or ['2', '0', _, _];

    /// <summary>The run without a date at its beginning or end; null where too little is left to be a telephone number.</summary>
    public static DigitRun? WithoutDates(DigitRun run)
    {
        var rest = run;
        if (rest.Groups.Length >= 3 && IsDate(rest, 0, rest.Groups.Length == 3)) rest = rest.Groups.Length == 3 ? null : rest.Slice(3, rest.Groups.Length);
        if (rest is { Groups.Length: >= 3 } && IsDate(rest, rest.Groups.Length - 3, alone: false)) rest = rest.Groups.Length == 3 ? null : rest.Slice(0, rest.Groups.Length - 3);
        return rest is { Digits: >= 7 } ? rest : null;
    }

    static bool IsDate(DigitRun run, int at, bool alone)
    {
        if (run.Separator(at) is not ("-" or "." or "/") || !run.Separator(at).SequenceEqual(run.Separator(at + 1))) return false;
        var a = run.DigitsOf(at);
        var b = run.DigitsOf(at + 1);
        var c = run.DigitsOf(at + 2);
        if (a.Length > 4 || b.Length > 2 || c.Length > 4) return false;
        var (x, y, z) = (Number(a), Number(b), Number(c));
        if (IsYear(a)) return c.Length <= 2 && y is >= 1 and <= 12 && z is >= 1 and <= 31;
        var dayAndMonth = a.Length <= 2 && (x is >= 1 and <= 31 && y is >= 1 and <= 12 || x is >= 1 and <= 12 && y is >= 1 and <= 31);
        return dayAndMonth && (IsYear(c) || alone && c.Length == 2);

        static int Number(ReadOnlySpan<char> digits) => int.Parse(digits, CultureInfo.InvariantCulture);
    }

    static string WordAfter(string text, int end)
    {
        var start = end;
        while (start < text.Length && start - end < 2 && text[start] == ' ') start++;
        var at = start;
        while (at < text.Length && at - start < 12 && char.IsLetter(text[at])) at++;
        return text[start..at];
    }

    static bool IsCurrencyBefore(string text, int start)
    {
        var at = start;
        while (at > 0 && start - at < 2 && text[at - 1] == ' ') at--;
        if (at > 0 && text[at - 1] is '€' or '$' or '£' or '¥') return true;
        return at >= 3 && (at == 3 || !char.IsLetter(text[at - 4])) && text.Substring(at - 3, 3) is var code && code.All(char.IsAsciiLetterUpper) && Units.Contains(code, StringComparer.OrdinalIgnoreCase);
    }
}
