using System.Collections.Frozen;

namespace AiOs.Agents.Extraction;

/// <summary>Reads English number words up to the billions: "two hundred and forty", "twenty-five", "a hundred".</summary>
static class NumberWords
{
    const int MostWords = 16;

    static readonly FrozenDictionary<string, int> Small = new Dictionary<string, int>(StringComparer.Ordinal)
    {
        ["zero"] = 0, ["one"] = 1, ["two"] = 2, ["three"] = 3, ["four"] = 4, ["five"] = 5, ["six"] = 6, ["seven"] = 7, ["eight"] = 8, ["nine"] = 9,
        ["ten"] = 10, ["eleven"] = 11, ["twelve"] = 12, ["thirteen"] = 13, ["fourteen"] = 14, ["fifteen"] = 15, ["sixteen"] = 16, ["seventeen"] = 17,
        ["eighteen"] = 18, ["nineteen"] = 19, ["twenty"] = 20, ["thirty"] = 30, ["forty"] = 40, ["fifty"] = 50, ["sixty"] = 60, ["seventy"] = 70,
        ["eighty"] = 80, ["ninety"] = 90,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    static readonly FrozenDictionary<string, long> Scales = new Dictionary<string, long>(StringComparer.Ordinal)
    {
        ["thousand"] = 1_000, ["grand"] = 1_000, ["million"] = 1_000_000, ["billion"] = 1_000_000_000,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static Numeral? Read(TextScan scan, int index)
    {
        long total = 0, part = 0;
        var next = index;
        var previous = 100;   // the last small number added; tens may be followed by ones, nothing else joins
        var any = false;
        if (scan.Is(index, "a") && (scan.Is(index + 1, "hundred") || Scales.ContainsKey(scan.Word(index + 1))))
            (part, previous, any, next) = (1, 1, true, index + 1);
        while (next - index < MostWords)
        {
            var word = scan.Word(next);
            if (Small.TryGetValue(word, out var small) && (previous >= 100 || (previous >= 20 && small is > 0 and < 10)))
                (part, previous, any) = (part + small, small, true);
            else if (word == "hundred" && any && part is > 0 and < 100)
                (part, previous) = (part * 100, 100);
            else if (any && part is > 0 and < 1_000 && Scales.TryGetValue(word, out var scale) && (total == 0 || total % scale == 0) && total < 1_000_000_000_000)
                (total, part, previous) = (total + (part * scale), 0, 1_000);
            else if (any && Joins(scan, next, previous))
            {
                next++;
                continue;
            }
            else
                break;
            next++;
        }

        return any ? new Numeral(total + part, next, true) : null;
    }

    /// <summary>"and" after hundreds, a hyphen after tens, and only where a number follows.</summary>
    static bool Joins(TextScan scan, int index, int previous) =>
        Small.ContainsKey(scan.Word(index + 1))
        && ((scan.Is(index, "and") && previous >= 100) || (scan.IsSymbol(index, '-') && scan.Touches(index) && scan.Touches(index + 1) && previous is >= 20 and < 100));
}
