using System.Text.Json;

namespace AiOs.Agents.Extraction;

/// <summary>Finds plain numbers. Those that belong to a date, an amount of money or an identifier are doubted, not dropped: an app may want just them.</summary>
static class NumberReader
{
    public static List<Candidate> Read(TextScan scan, bool whole, IReadOnlyList<Candidate> dates, IReadOnlyList<Candidate> money)
    {
        List<Candidate> found = [];
        var (date, price) = (0, 0);
        for (var i = 0; i < scan.Count && found.Count < Candidate.Limit;)
        {
            if (Numerals.Read(scan, i, dotGroups: false) is not { } number)
            {
                i++;
                continue;
            }

            var last = number.Next - 1;
            var claimed = Claimed(dates, ref date, i, last) | Claimed(money, ref price, i, last);
            if (!whole || number.Value == decimal.Truncate(number.Value))
                found.Add(Number(scan, i, number, claimed, whole));
            i = number.Next;
        }

        return found;
    }

    static Candidate Number(TextScan scan, int first, Numeral number, bool claimed, bool whole)
    {
        var value = Negative(scan, first) ? -number.Value : number.Value;
        var joined = (scan.Touches(first) && !Negative(scan, first) && scan.KindAt(first - 1) is TokenKind.Word or TokenKind.Symbol && !IsOpening(scan, first - 1))
            || (scan.Touches(number.Next) && scan.IsWord(number.Next));
        var confidence = (scan.IsDigits(first), number.Unsure) switch { (true, false) => 0.9, (true, true) => 0.75, _ => scan.Is(first, "one") ? 0.4 : 0.75 };
        var element = whole ? JsonSerializer.SerializeToElement((long)value) : JsonSerializer.SerializeToElement(value);
        return new(element, Negative(scan, first) ? first - 1 : first, number.Next - 1, Math.Max(0.1, confidence - (claimed ? 0.4 : 0) - (joined ? 0.4 : 0)));
    }

    static bool IsOpening(TextScan scan, int index) => scan.TextAt(index) is ['(' or '"' or '\'' or '“' or ':' or '=' or '~' or '[' or ','];

    static bool Negative(TextScan scan, int index) =>
        scan.Touches(index) && (scan.IsSymbol(index - 1, '-') || scan.IsSymbol(index - 1, '−')) && !scan.Touches(index - 1);

    static bool Claimed(IReadOnlyList<Candidate> others, ref int cursor, int first, int last)
    {
        while (cursor < others.Count && others[cursor].Last < first)
            cursor++;
        return cursor < others.Count && others[cursor].Overlaps(first, last);
    }
}
