using System.Text.RegularExpressions;
using AiOs.Models.Unicode;

namespace AiOs.Agents.Intent;

/// <summary>How a message is read, in training and later alike.</summary>
static class IntentText
{
    /// <summary>Text behind this many UTF-16 units does not count: a message says early what it wants.</summary>
    const int MaxText = 4096;

    static readonly Regex maskToken = new(@"\[(?<kind>[a-z]+):[a-z2-7]{26}\]", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking);

    static readonly Regex namePart = new(@"\p{Lu}?[\p{Ll}\p{Lo}\p{M}']+|\p{Lu}+|\p{Nd}+", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    /// <summary>Whether there is anything to understand in a reading: a letter or a digit.</summary>
    public static bool IsLegible(string reading) => reading.Any(char.IsLetterOrDigit);

    /// <summary>The text as both the encoder and the n-grams get it: bounded, NFKC, lower case, straight apostrophes, and a masked value as the
    /// word for its kind, since which value it was means nothing.</summary>
    public static string Read(string text)
    {
        if (text.Length > MaxText)
            text = text[..(char.IsHighSurrogate(text[MaxText - 1]) ? MaxText - 1 : MaxText)];
        if (text.Contains('[', StringComparison.Ordinal))
            text = maskToken.Replace(text, "${kind}");
        return Nfkc.Normalize(text).ToLowerInvariant().Replace('\u2019', '\'');
    }

    /// <summary>The name of an intent as words: card_lost, card-lost and cardLost all read "card lost".</summary>
    public static string ReadName(string name) => Read(string.Join(' ', namePart.Matches(name).Select(part => part.Value)));
}
