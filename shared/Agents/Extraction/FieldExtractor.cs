using System.Text.Json;

namespace AiOs.Agents.Extraction;

/// <summary>How fields are read.</summary>
public sealed record ExtractionOptions
{
    /// <summary>ISO 4217 code of the currency of an amount that names none, and of "$" where it is a dollar. Default <c>EUR</c>.</summary>
    public string DefaultCurrency { get; init; } = "EUR";
}

/// <summary>Reads the declared fields out of a masked text, in time linear in it, whatever it says; never throws on account of the text.</summary>
/// <remarks>Every kind has a reader that lists what the text holds of it. Where there are several, the words around them decide (see <see cref="Cues"/>):
/// "excess" speaks against an amount and "repair" for it, unless the field itself is called <c>excess</c>. At a tie the first one counts. Two fields of one kind
/// never share a place. Of two readings that are nearly as good, the confidence says so.</remarks>
public sealed class FieldExtractor
{
    /// <summary>Longer texts are read up to here (128 Ki characters, what a message may hold).</summary>
    public const int LongestText = 128 * 1024;

    const double Weakest = 0.3;
    readonly MoneyReader money;
    readonly PatternReader patterns = new();

    /// <summary>Takes the options as they stand.</summary>
    /// <exception cref="ArgumentException">The default currency is no known code.</exception>
    public FieldExtractor(ExtractionOptions options)
    {
        if (!Currencies.IsCode(options.DefaultCurrency))
            throw new ArgumentException($"'{options.DefaultCurrency}' is not a currency code such as EUR.", nameof(options));
        money = new MoneyReader(options.DefaultCurrency);
    }

    /// <summary>Reads <paramref name="fields"/> from <paramref name="maskedText"/>.</summary>
    /// <param name="maskedText">The text after masking: personal values are tokens such as <c>[email:...]</c>.</param>
    /// <param name="fields">What to look for.</param>
    /// <param name="now">When the message came; relative dates count from it.</param>
    /// <param name="zone">Where its author lives.</param>
    public Extraction Extract(string maskedText, IReadOnlyList<FieldSpec> fields, DateTimeOffset now, TimeZoneInfo zone)
    {
        var scan = new TextScan(maskedText.Length <= LongestText ? maskedText : maskedText[..LongestText]);
        var dates = new Lazy<List<Candidate>>(() => new DateReader(now, zone).Read(scan));
        var prices = new Lazy<List<Candidate>>(() => money.Read(scan, dates.Value));
        var found = new Dictionary<string, ExtractedField>(StringComparer.Ordinal);
        foreach (var rivals in fields.Select((field, order) => (Field: field, Order: order)).GroupBy(f => PlaceOf(f.Field), StringComparer.Ordinal))
        {
            var candidates = Candidates(scan, rivals.First().Field, dates, prices);
            foreach (var field in Assign(scan, [.. rivals], candidates))
                found.TryAdd(field.Name, field);
        }

        return new Extraction(found, [.. fields.Where(f => !f.Optional && !found.ContainsKey(f.Name)).Select(f => f.Name)]);
    }

    /// <summary>Fields of one place compete for the same readings.</summary>
    static string PlaceOf(FieldSpec field) => field.Kind switch
    {
        FieldKind.Pattern => "pattern " + field.Pattern,
        FieldKind.Choice => "choice " + JsonSerializer.Serialize(field.Choices),
        FieldKind.Text => "text " + field.Name,
        FieldKind.Quantity => "quantity " + field.Unit,
        _ => field.Kind.ToString(),
    };

    List<Candidate> Candidates(TextScan scan, FieldSpec field, Lazy<List<Candidate>> dates, Lazy<List<Candidate>> prices) => field.Kind switch
    {
        FieldKind.Money => prices.Value,
        FieldKind.Date => dates.Value,
        FieldKind.Pattern => patterns.Read(scan, field.Pattern ?? throw new ArgumentException($"The field '{field.Name}' has no pattern.", nameof(field))),
        FieldKind.Number or FieldKind.Integer => NumberReader.Read(scan, field.Kind == FieldKind.Integer, dates.Value, prices.Value),
        FieldKind.Choice => ChoiceReader.Read(scan, field.Choices ?? []),
        FieldKind.Quantity => QuantityReader.Read(scan, field.Unit, dates.Value),
        FieldKind.Text when field.IsAnchored => AnchoredTextReader.Read(scan, field.After, field.Before),
        FieldKind.Text => FreeTextReader.Read(scan, field.Name),
        _ => Masked(scan, field.Kind),
    };

    /// <summary>The mask tokens of a kind; what stood there was checked when it was masked.</summary>
    static List<Candidate> Masked(TextScan scan, FieldKind kind)
    {
        var prefix = "[" + kind.ToString().ToLowerInvariant() + ":";
        return [.. Enumerable.Range(0, scan.Count)
            .Where(i => scan.KindAt(i) == TokenKind.Mask && scan.TextAt(i).StartsWith(prefix, StringComparison.Ordinal))
            .Take(Candidate.Limit)
            .Select(i => new Candidate(JsonSerializer.SerializeToElement(scan.TextAt(i).ToString()), i, i, 0.99))];
    }

    /// <summary>Gives the best reading to the field that wants it most, then the next; the rest go to nobody.</summary>
    static IEnumerable<ExtractedField> Assign(TextScan scan, IReadOnlyList<(FieldSpec Field, int Order)> rivals, List<Candidate> candidates)
    {
        var bids = rivals.Select(r => (r.Field, r.Order, Cues: new Cues(r.Field)))
            .SelectMany(r => candidates.Select(c => (r.Field, r.Order, Reading: c, Score: c.Confidence + r.Cues.Weigh(scan, c.First, c.Last))))
            .Where(b => b.Score >= Weakest)
            .OrderByDescending(b => Math.Round(b.Score, 6)).ThenBy(b => b.Order).ThenBy(b => b.Reading.First).ToList();
        HashSet<string> served = [];
        HashSet<Candidate> taken = new(ReferenceEqualityComparer.Instance);
        foreach (var bid in bids)
        {
            if (served.Contains(bid.Field.Name) || taken.Contains(bid.Reading))
                continue;
            served.Add(bid.Field.Name);
            taken.Add(bid.Reading);
            var rival = bids.Where(b => b.Field.Name == bid.Field.Name && !taken.Contains(b.Reading) && !JsonElement.DeepEquals(b.Reading.Value, bid.Reading.Value))
                .Select(b => b.Score).DefaultIfEmpty(0).First();
            var confidence = Math.Clamp(Math.Min(bid.Score, bid.Reading.Confidence + 0.04), 0, 1) * (bid.Score - rival < 0.1 ? 0.75 : 1);
            yield return Field(scan, bid.Field.Name, bid.Reading, Math.Round(confidence, 3));
        }
    }

    static ExtractedField Field(TextScan scan, string name, Candidate reading, double confidence)
    {
        var (start, end) = reading.Span ?? (scan[reading.First].Start, scan[reading.Last].End);
        return new ExtractedField(name, reading.Value, start, end, confidence);
    }
}
