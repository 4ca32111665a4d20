using System.Text.RegularExpressions;
using AiOs.Models.Unicode;

namespace AiOs.Agents.Intent;

/// <summary>How a message is read, in training and later alike.</summary>
static class IntentText
{
    /// <summary>Text behind this many UTF-16 units does not count: a message says early what it wants.</summary>
    const int MaxText = 4096;

    static readonly Regex maskToken = new(@"\[(?<kind>[a-z]+):[a-z2-7]{26}\]", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking);

    /// <summary>Whether there is anything to understand: a letter or a digit.</summary>
    public static bool IsLegible(string text) => Reading(text).Any(char.IsLetterOrDigit);

    /// <summary>The text as the encoder gets it: bounded, and masked values as the word for their kind, since which value it was means nothing.</summary>
    public static string Reading(string text)
    {
        if (text.Length > MaxText)
            text = text[..(char.IsHighSurrogate(text[MaxText - 1]) ? MaxText - 1 : MaxText)];
        return text.Contains('[', StringComparison.Ordinal) ? maskToken.Replace(text, "${kind}") : text;
    }

    /// <summary>A reading as the n-grams get it: NFKC, lower case, straight apostrophes.</summary>
    public static string Folded(string reading) => Nfkc.Normalize(reading).ToLowerInvariant().Replace('\u2019', '\'');
}
