using System.Collections.Frozen;
using AiOs.Agents.Retrieval;

namespace AiOs.Agents.Generation;

/// <summary>What a message asks for, apart from what it asks about.</summary>
static class WhatIsAsked
{
    /// <summary>With more telling words a clause is no mere turn of phrase.</summary>
    const int MostOfTurn = 1, LeastOfRest = 2;

    static readonly FrozenSet<string> Openings = new[]
    {
        "do", "does", "did", "is", "are", "am", "was", "were", "will", "would", "can", "could", "may", "might", "must", "should", "shall", "have", "has", "what", "who", "whom", "why", "how", "where", "when", "which",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The message without a turn of phrase beside what it tells: "my television fell over, am I covered?" is about the television that fell over.</summary>
    public static string Told(string question)
    {
        var clauses = question.Split([',', '.', ';', '!', '?', ':'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var told = clauses.Where(clause => !IsTurn(clause)).ToList();
        return told.Count < clauses.Length && told.Sum(clause => QuestionWords.Telling(clause).Count()) >= LeastOfRest ? string.Join(". ", told) : question;
    }

    static bool IsTurn(string clause) => Terms.WordsOf(clause).FirstOrDefault() is { } first && Openings.Contains(first) && QuestionWords.Telling(clause).Count() <= MostOfTurn;
}
