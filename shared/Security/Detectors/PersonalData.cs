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
    /// <param name="text">What is read.</param>
    /// <param name="kinds">What is asked for.</param>
    /// <param name="hint">The member's name.</param>
    /// <param name="most">With more than these the search may end: who gives it takes no text that holds as many.</param>
    public static IReadOnlyList<Finding> Find(string text, IReadOnlyList<string> kinds, string hint, int most = int.MaxValue)
    {
        if (text.Length < 5 || kinds.Count == 0) return [];
        var projection = Projection.Of(text);
        var candidates = new List<Candidate>();
        var taken = new bool[projection.Text.Length];
        if (Vault.ContainsToken(projection.Text))
            foreach (var token in Vault.TokenPattern.EnumerateMatches(projection.Text)) taken.AsSpan(token.Index, token.Length).Fill(true);
        foreach (var found in Candidates(projection.Text, taken, hint))
            if (Take(found, taken) && kinds.Contains(found.Kind, StringComparer.Ordinal))
            {
                candidates.Add(found);
                if (candidates.Count > most) break;
            }

        candidates.Sort((one, other) => one.Start.CompareTo(other.Start));   // no two overlap
        return [.. candidates.Select(c => Place(text, projection, c))];
    }

    /// <summary>What each detector sees, one detector after the other, outside of what is taken by then.</summary>
    static IEnumerable<Candidate> Candidates(string text, bool[] taken, string hint)
    {
        foreach (var found in EmailDetector.Find(text)) yield return found;
        if (!text.AsSpan().ContainsAnyInRange('0', '9')) yield break;
        foreach (var found in IbanDetector.Find(text)) yield return found;
        foreach (var run in DigitRuns.Find(text, taken))
            foreach (var found in CardDetector.Find(run)) yield return found;
        foreach (var found in PhoneDetector.Find(text, DigitRuns.Find(text, taken), hint)) yield return found;
    }

    static bool Take(Candidate candidate, bool[] taken)
    {
        var place = taken.AsSpan(candidate.Start, candidate.End - candidate.Start);
        if (place.Contains(true)) return false;
        place.Fill(true);
        return true;
    }

    static Finding Place(string text, Projection projection, Candidate candidate)
    {
        var (start, end) = projection.Locate(candidate.Start, candidate.End);
        var original = text.AsSpan(start, end - start).SequenceEqual(candidate.Normalised) ? candidate.Normalised : text[start..end];
        return new Finding(start, end, new PersonalValue(candidate.Kind, original, candidate.Normalised));
    }
}
