using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AiOs.Agents.Extraction;

/// <summary>Finds amounts of money: with a symbol, a code or a word for the currency before or after the number; without one only where
/// a word such as "cost" stands near it or the message is hardly more than the number. Of a range ("200 to 300 euros") the upper end counts.</summary>
sealed class MoneyReader(string home)
{
    static readonly FrozenSet<string> Units = ("day days week weeks month months year years hour hours hr hrs minute minutes min mins second seconds am pm km miles mile m cm mm kg g l percent pct "
        + "people persons person times x th st nd rd gb mb tb ms claims items pieces cards bedrooms passengers windows floors claim street road avenue o'clock").Split(' ').ToFrozenSet(StringComparer.Ordinal);

    static readonly FrozenSet<string> Labels = "number no nr ref reference id order case claim file contract invoice policy account phone code ticket flight room version year page document transaction".Split(' ').ToFrozenSet(StringComparer.Ordinal);

    static readonly Cues Bare = new(new FieldSpec("", FieldKind.Money));

    /// <summary>All amounts in reading order.</summary>
    public List<Candidate> Read(TextScan scan, IReadOnlyList<Candidate> dates)
    {
        List<Candidate> found = [];
        var date = 0;
        for (var i = 0; i < scan.Count && found.Count < Candidate.Limit;)
        {
            while (date < dates.Count && dates[date].Last < i)
                date++;
            if (date < dates.Count && dates[date].First <= i)
                i = dates[date].Last + 1;
            else if ((scan.IsDigits(i) || scan.IsWord(i)) && !Identifier(scan, i) && At(scan, i) is { } money)
            {
                Append(scan, found, money);
                i = money.Last + 1;
            }
            else
                i = scan.IsDigits(i) ? PastDigits(scan, i) : i + 1;
        }

        return found;
    }

    static void Append(TextScan scan, List<Candidate> found, Candidate money)
    {
        if (found.Count > 0 && found[^1] is var lower && money.First - lower.Last <= 2 && IsRange(scan, lower.Last + 1))
            found[^1] = lower with { Confidence = lower.Confidence - 0.3 };
        found.Add(money);
    }

    static bool IsRange(TextScan scan, int index) => scan.IsSymbol(index, '-') || scan.IsSymbol(index, '–') || scan.Is(index, "to") || scan.Is(index, "or");

    /// <summary>"PC-240", "A240", "#240": not an amount, and neither is what only looks like a part of a longer number.</summary>
    static bool Identifier(TextScan scan, int i) =>
        scan.IsDigits(i)
        && ((scan.Touches(i) && scan.KindAt(i - 1) is TokenKind.Word && Currencies.Before(scan, i, "EUR") is null)
            || scan.IsSymbol(i - 1, '#')
            || (scan.Touches(i) && scan.Touches(i - 1) && scan.KindAt(i - 1) == TokenKind.Symbol && scan.Text[scan[i - 1].Start] is '-' or '/' or '_' or ':' or '+' && scan.IsWord(i - 2)));

    static int PastDigits(TextScan scan, int i)
    {
        while (++i < scan.Count && scan.Touches(i) && scan.KindAt(i) is TokenKind.Digits or TokenKind.Symbol && (scan.IsDigits(i) || scan.IsDigits(i + 1)) && !IsRange(scan, i))
        {
        }

        return i;
    }

    Candidate? At(TextScan scan, int index)
    {
        var before = Currencies.Before(scan, index, home);
        if (Numerals.Read(scan, index, dotGroups: before is not { Code: var prefix } || Currencies.MinorDigits(prefix) != 3) is not { } number)
            return null;
        if (before is { } known)
            return Millions(scan, number) is var scaled ? Money(scaled.Value, known.Code, known.First, scaled.Next - 1, scaled.Unsure ? 0.85 : 0.95) : null;
        if (Currencies.IsMinorWord(scan.Word(number.Next)))
            return Money(number.Value / 100m, home, index, number.Next, 0.8);
        if (Currencies.After(scan, number.Next, home) is var (code, next))
            return Suffixed(scan, index, number, code, next);
        return scan.IsDigits(index) ? Unnamed(scan, index, number) : null;
    }

    /// <summary>"240 euros", "5 euros and 50 cents", "3.500 dinar".</summary>
    static Candidate? Suffixed(TextScan scan, int index, Numeral number, string code, int next)
    {
        if (Currencies.MinorDigits(code) == 3 && Numerals.Read(scan, index, dotGroups: false) is { } exact)
            number = exact;
        var cents = next + (scan.Is(next, "and") ? 1 : 0);
        if (scan.Small(cents, 2) is >= 0 and var small && Currencies.IsMinorWord(scan.Word(cents + 1)))
            return Money(number.Value + (small / 100m), code, index, cents + 1, 0.95);
        return Money(number.Value, code, index, next - 1, number.Unsure ? 0.85 : 0.95);
    }

    /// <summary>"$5m".</summary>
    static Numeral Millions(TextScan scan, Numeral number) =>
        scan.Touches(number.Next) && scan.Is(number.Next, "m") && number.Value < 1_000_000m ? new(number.Value * 1_000_000m, number.Next + 1, false) : number;

    Candidate? Unnamed(TextScan scan, int index, Numeral number)
    {
        if (Units.Contains(scan.Word(number.Next)) || scan.IsSymbol(number.Next, '%') || (scan.Touches(number.Next) && scan.KindAt(number.Next) is TokenKind.Word)
            || Labels.Contains(scan.Word(index - 1)) || (scan.IsSymbol(number.Next, '-') && scan.Touches(number.Next) && scan.IsDigits(number.Next + 1)))
            return null;
        var alone = scan.Count - (number.Next - index) <= 4;
        var named = Bare.Weigh(scan, index, number.Next - 1) > 0;
        var year = number.Value is >= 1900 and < 2100 && number.Next == index + 1;
        return alone || named ? Money(number.Value, home, index, number.Next - 1, alone ? 0.7 : year ? 0.3 : 0.55) : null;
    }

    static Candidate? Money(decimal value, string code, int first, int last, double confidence)
    {
        var digits = Currencies.MinorDigits(code);
        var amount = Math.Round(value, digits, MidpointRounding.AwayFromZero);
        if (amount > 1_000_000_000_000m)
            return null;
        var minor = (long)(amount * (decimal)Math.Pow(10, digits));
        var text = amount.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return new(JsonSerializer.SerializeToElement(new JsonObject { ["amount"] = text, ["minor"] = minor, ["currency"] = code }), first, last, confidence);
    }
}
