using AiOs.Security;

namespace AiOs.Agents.Retrieval;

/// <summary>A message as a query.</summary>
public static class QueryText
{
    const int Longest = 2_000;

    /// <summary>The first 2,000 characters, without the tokens of masked values: which account it was is nothing that knowledge could speak of.</summary>
    public static string Read(string text)
    {
        if (text.Length > Longest)
            text = text[..(char.IsHighSurrogate(text[Longest - 1]) ? Longest - 1 : Longest)];
        return text.Contains('[', StringComparison.Ordinal) ? Vault.TokenPattern.Replace(text, " ") : text;
    }

    /// <summary>Whether there is a letter or a digit in it.</summary>
    public static bool IsLegible(string query) => query.Any(char.IsLetterOrDigit);
}
