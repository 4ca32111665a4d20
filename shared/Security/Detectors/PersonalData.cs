namespace AiOs.Security.Detectors;

/// <summary>A personal value in a text; <paramref name="Start"/> and <paramref name="End"/> (exclusive) count UTF-16 units of that text.</summary>
readonly record struct Finding(int Start, int End, PersonalValue Value);

/// <summary>What a detector saw in a projection: place and normalised form.</summary>
readonly record struct Candidate(string Kind, int Start, int End, string Normalised);

/// <summary>Finds personal values. Every detector reads the text a bounded number of times, whatever it holds.</summary>
static class PersonalData
{
    /// <summary>The values of <paramref name="kinds"/> in order; <paramref name="hint"/> is the name of the member that holds the text, or empty.
    /// All kinds are looked for, the surest first, so that a card number is never taken for a telephone number; the kinds asked for are returned.</summary>
    public static IReadOnlyList<Finding> Find(string text, IReadOnlyList<string> kinds, string hint)
    {
        if (text.Length < 5 || kinds.Count == 0) return [];
        var projection = Projection.Of(text);
        var candidates = new List<Candidate>();
        var taken = new bool[projection.Text.Length];
        if (Vault.ContainsToken(projection.Text))
            foreach (var token in Vault.TokenPattern.EnumerateMatches(projection.Text)) taken.AsSpan(token.Index, token.Length).Fill(true);
        foreach (var found in EmailDetector.Find(projection.Text)) Take(found, taken, candidates);
        if (projection.Text.AsSpan().ContainsAnyInRange('0', '9'))
        {
            foreach (var found in IbanDetector.Find(projection.Text)) Take(found, taken, candidates);
            var runs = DigitRuns.Find(projection.Text, taken);
            foreach (var found in CardDetector.Find(runs)) Take(found, taken, candidates);
            foreach (var found in PhoneDetector.Find(projection.Text, DigitRuns.Find(projection.Text, taken), hint)) Take(found, taken, candidates);
        }
        return [.. candidates.Where(c => kinds.Contains(c.Kind, StringComparer.Ordinal)).OrderBy(c => c.Start).Select(c => Place(text, projection, c))];
    }

    static void Take(Candidate candidate, bool[] taken, List<Candidate> candidates)
    {
        var place = taken.AsSpan(candidate.Start, candidate.End - candidate.Start);
        if (place.Contains(true)) return;
        place.Fill(true);
        candidates.Add(candidate);
    }

    static Finding Place(string text, Projection projection, Candidate candidate)
    {
        var (start, end) = projection.Locate(candidate.Start, candidate.End);
        return new Finding(start, end, new PersonalValue(candidate.Kind, text[start..end], candidate.Normalised));
    }
}
