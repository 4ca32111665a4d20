using System.Text.RegularExpressions;
using AiOs.Agents.Retrieval;
using AiOs.Security;

namespace AiOs.Agents.Generation.Grounded;

/// <summary>Whether what a model wrote stands in what it was given. A sentence passes with at least one quote that is there literally, when its quotes support it as they would have
/// to support an answer, and when every number, address, mark-up and token in it is theirs.</summary>
/// <remarks>The support is a likeness of words and meaning, no logic: a sentence that denies what its quotes say is caught only where it denies and they never do.</remarks>
sealed partial class SentenceCheck(ExtractiveAnswerer scorer, string question, IReadOnlyList<Passage> passages)
{
    const int Longest = 800;
    const int MostCitations = 4;

    static readonly HashSet<string> Denials = new(StringComparer.OrdinalIgnoreCase) { "not", "no", "never", "none", "nobody", "nothing", "without", "cannot", "neither", "nor", "refuse", "refused", "excluded" };

    readonly Quotes quotes = new(passages);

    [GeneratedRegex(@"[0-9]+([.,:/-][0-9]+)*", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Number { get; }

    [GeneratedRegex(@"[\p{L}']+", RegexOptions.NonBacktracking)]
    private static partial Regex Word { get; }

    /// <summary>The sentence with its citations in the sources' own words and places, or null where it does not stand.</summary>
    public async Task<GroundedSentence?> VerifyAsync(DraftSentence? draft, CancellationToken cancellationToken)
    {
        if (draft is not { Text: { } written, Citations: { } cited } || written.Trim() is not { Length: > 0 and <= Longest } text || text.Any(char.IsControl))
            return null;
        var found = cited.Select(c => quotes.Find(c?.Document, c?.Quote)).OfType<(Passage Passage, int Start, int End)>()
            .DistinctBy(q => (q.Passage.Document, q.Passage.Start + q.Start, q.Passage.Start + q.End)).Take(MostCitations).ToList();
        if (found.Count == 0)
            return null;
        var sources = found.ConvertAll(q => q.Passage with { Text = q.Passage.Text[q.Start..q.End], Start = q.Passage.Start + q.Start, End = q.Passage.Start + q.End });
        if (!IsTheirs(text, string.Join('\n', sources.Select(s => $"{s.Section}\n{s.Text}"))))
            return null;
        var judged = await scorer.AnswerAsync(text, sources, cancellationToken);
        return judged.Abstained ? null : new(text, [.. sources.Select(s => new Citation(s.Document, s.Section, s.Text, s.Start, s.End, judged.Support))], judged.Support);
    }

    bool IsTheirs(string text, string sources)
    {
        var bare = Vault.TokenPattern.Replace(text, " ");
        return Vault.TokenPattern.Matches(text).All(token => question.Contains(token.Value, StringComparison.Ordinal) || sources.Contains(token.Value, StringComparison.Ordinal))
            && Number.Matches(bare).Select(n => n.Value).All(Number.Matches(sources).Select(n => n.Value).ToHashSet(StringComparer.Ordinal).Contains)
            && bare.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Where(IsAddress).All(word => sources.Contains(word.TrimEnd('.', ',', ';', '!', '?'), StringComparison.Ordinal))
            && (!Denies(bare) || Denies(sources));
    }

    static bool IsAddress(string word) => word.Contains("://", StringComparison.Ordinal) || word.Contains('@', StringComparison.Ordinal) || word.Contains("](", StringComparison.Ordinal)
        || word.Contains('<', StringComparison.Ordinal) || word.StartsWith("www.", StringComparison.OrdinalIgnoreCase);

    static bool Denies(string text) => Word.Matches(text).Any(word => Denials.Contains(word.Value) || word.Value.EndsWith("n't", StringComparison.OrdinalIgnoreCase));
}
