using System.Collections.Frozen;
using System.Text;

namespace AiOs.Agents.Extraction;

/// <summary>Words around a value that speak for it or against it. The nearest one within reach decides, where a comma counts as
/// a step; at equal distance the one before the value, which also counts for a little more.
/// The words of the field's own name always speak for it, and twice as loud: with a field "excess" the excess is what is wanted.</summary>
sealed class Cues
{
    const int WordsBefore = 6;
    const int WordsAfter = 3;
    const double Kind = 0.15;
    const double Own = 0.3;
    const double AfterShare = 0.9;

    static readonly string[] Noise = ["the", "of", "in", "at", "on", "is", "a", "date", "time", "amount", "number", "money"];

    static readonly FrozenSet<string> MoneyFor = Set("damage damages claim claiming claimed cost costs costing repair repairs loss losses worth estimate estimated quote quoted invoice "
        + "bill bills billed charge charged refund refunded paid pay paying amount total totalling price priced spent reimburse reimbursed reimbursement payment transfer transferred sent value "
        + "valued replace replacement transaction withdrew withdrawal deposit owed");

    static readonly FrozenSet<string> MoneyAgainst = Set("excess deductible premium premiums fee fees limit limits balance salary monthly month yearly year previously earlier instead tip cap sum retention "
        + "threshold discount voucher");

    static readonly FrozenSet<string> DateFor = Set("happened happen occurred accident incident damage damaged stolen theft lost loss crash crashed broke broken fire flood flooded collision collided hit "
        + "burst charged transaction noticed discovered");

    static readonly FrozenSet<string> DateAgainst = Set("born birth birthday expires expire expired expiry valid policy renewal renew renewed bought purchased signed deadline until contract moved called "
        + "reported insured issued");

    readonly FrozenSet<string> own;
    readonly FrozenSet<string> speakFor;
    readonly FrozenSet<string> against;

    public Cues(FieldSpec field)
    {
        own = WordsOf(field.Name).Where(w => !Noise.Contains(w, StringComparer.Ordinal)).SelectMany(w => new[] { w, w + "s" }).ToFrozenSet(StringComparer.Ordinal);
        (speakFor, against) = field.Kind switch
        {
            FieldKind.Money => (MoneyFor, MoneyAgainst),
            FieldKind.Date => (DateFor, DateAgainst),
            _ => (FrozenSet<string>.Empty, FrozenSet<string>.Empty),
        };
    }

    /// <summary>The lower-case words of a camelCase, snake_case or kebab-case name.</summary>
    public static IReadOnlyList<string> WordsOf(string name)
    {
        var text = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsUpper(name[i]) && i > 0 && !char.IsUpper(name[i - 1]))
                text.Append(' ');
            text.Append(char.IsLetterOrDigit(name[i]) ? char.ToLowerInvariant(name[i]) : ' ');
        }

        return text.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>What the surroundings add to the confidence of a reading of the tokens <paramref name="first"/> to <paramref name="last"/>; negative where they speak against it.</summary>
    public double Weigh(TextScan scan, int first, int last)
    {
        var before = Nearest(scan, first - 1, -1, WordsBefore);
        var after = Nearest(scan, last + 1, 1, WordsAfter);
        return after.Distance < before.Distance ? after.Weight * AfterShare : before.Weight;
    }

    (int Distance, double Weight) Nearest(TextScan scan, int start, int direction, int reach)
    {
        var distance = 0;
        for (var i = start; i >= 0 && i < scan.Count && distance < reach && scan.SentenceOf(i) == scan.SentenceOf(Math.Clamp(start - direction, 0, scan.Count - 1)); i += direction)
        {
            if (scan.KindAt(i) == TokenKind.Symbol && !scan.IsSymbol(i, ','))
                continue;
            distance++;
            var word = scan.Word(i);
            if (own.Contains(word))
                return (distance, Own);
            if (against.Contains(word))
                return (distance, -Kind);
            if (speakFor.Contains(word))
                return (distance, Kind);
        }

        return (int.MaxValue, 0);
    }

    static FrozenSet<string> Set(string words) => words.Split(' ').ToFrozenSet(StringComparer.Ordinal);
}
