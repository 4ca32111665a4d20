using System.Text.Json;
using System.Text.Json.Nodes;

namespace AiOs.Agents.Extraction;

/// <summary>Finds numbers with a unit: 2.5 kg, 80cm, an hour, half a litre, two and a half hours, 1 h 30 min, 6 feet 2 inches, -4 °C, 20 %. A number without a unit counts
/// where the field names one and the message is hardly more than the number. What belongs to a date ("3 days ago") is doubted.</summary>
static class QuantityReader
{
    public static List<Candidate> Read(TextScan scan, string? unit, IReadOnlyList<Candidate> dates)
    {
        var wanted = unit is null ? null : Units.Named(unit);
        List<Candidate> found = [];
        var date = 0;
        for (var i = 0; i < scan.Count && found.Count < Candidate.Limit;)
        {
            while (date < dates.Count && dates[date].Last < i)
                date++;
            if (At(scan, i, wanted) is not { } quantity)
            {
                i++;
                continue;
            }

            var dated = date < dates.Count && dates[date].Overlaps(i, quantity.Last);
            found.Add(dated ? quantity with { Confidence = quantity.Confidence - 0.4 } : quantity);
            i = quantity.Last + 1;
        }

        return found;
    }

    static Candidate? At(TextScan scan, int i, Unit? wanted)
    {
        if (Number(scan, i) is not var (value, next, sure))
            return null;
        if (Units.Read(scan, next) is not var (unit, end))
            return wanted is not null && sure && scan.IsDigits(i) && scan.Count - (next - i) <= 4 && !scan.IsWord(next) ? Quantity(value, wanted, wanted, i, next - 1, 0.6) : null;
        while (Smaller(scan, end, unit) is var (more, last))
            (value, end) = (value + more, last);
        if (wanted is not null && wanted.Dimension != unit.Dimension)
            return null;
        var negative = unit.Dimension == "temperature" && scan.Touches(i) && (scan.IsSymbol(i - 1, '-') || scan.IsSymbol(i - 1, '−'));
        return Quantity(negative ? -value : value, unit, wanted ?? unit, negative ? i - 1 : i, end - 1, sure ? 0.95 : 0.7);
    }

    /// <summary>2.5, two, "a", "half a", "two and a half".</summary>
    static (double Value, int Next, bool Sure)? Number(TextScan scan, int i)
    {
        if (scan.Is(i, "half"))
            return scan.Is(i + 1, "a") || scan.Is(i + 1, "an") ? (0.5, i + 2, false) : null;
        if (scan.Is(i, "a") || scan.Is(i, "an"))
            return (1, i + 1, false);
        if (scan.Touches(i) && scan.IsWord(i - 1) || Numerals.Read(scan, i, dotGroups: false) is not { } number)
            return null;
        var half = scan.Is(number.Next, "and") && scan.Is(number.Next + 1, "a") && scan.Is(number.Next + 2, "half");
        return ((double)number.Value + (half ? 0.5 : 0), half ? number.Next + 3 : number.Next, scan.IsDigits(i));
    }

    /// <summary>The "30 min" of "1 h 30 min", in units of <paramref name="larger"/>.</summary>
    static (double Value, int Next)? Smaller(TextScan scan, int i, Unit larger)
    {
        var at = scan.Is(i, "and") || scan.IsSymbol(i, ',') ? i + 1 : i;
        if (larger.Dimension is not ("time" or "length" or "mass") || !scan.IsDigits(at) || Numerals.Read(scan, at, dotGroups: false) is not { } number || Units.Read(scan, number.Next) is not var (unit, next))
            return null;
        return unit.Dimension == larger.Dimension && unit.Factor < larger.Factor ? (Units.Convert((double)number.Value, unit, larger), next) : null;
    }

    static Candidate Quantity(double value, Unit from, Unit to, int first, int last, double confidence) =>
        new(JsonSerializer.SerializeToElement(new JsonObject { ["value"] = Math.Round(Units.Convert(value, from, to), 6), ["unit"] = to.Name }), first, last, confidence);
}
