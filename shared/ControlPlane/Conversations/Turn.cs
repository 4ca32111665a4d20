using AiOs.Agents.Extraction;
using AiOs.ControlPlane.Runs;

namespace AiOs.ControlPlane.Conversations;

/// <summary>How a message stands to its conversation.</summary>
public enum TurnKind
{
    /// <summary>It stands for itself.</summary>
    Fresh,

    /// <summary>It goes on with what is under discussion: it answers the open question, corrects what was said, or says nothing that would lead elsewhere.</summary>
    Continues,

    /// <summary>It asks something else while a question is open: it is answered, then the question is put again.</summary>
    Digresses,

    /// <summary>It corrects what has been dealt with already. Doing it all again with the new value might act twice, so a person looks at it.</summary>
    CorrectsTheDone,
}

/// <summary>Reads how a message stands to its conversation.</summary>
public sealed class TurnReader(FieldExtractor extractor)
{
    static readonly string[] QuestionWords =
    [
        "what", "when", "where", "who", "why", "how", "which", "is", "are", "am", "do", "does", "did", "can", "could", "will", "would", "should", "may", "must", "have", "has", "tell", "explain",
    ];

    /// <summary>How <paramref name="text"/> stands to <paramref name="thread"/>.</summary>
    /// <param name="text">The masked text.</param>
    /// <param name="fields">The fields that the plan's extract steps look for.</param>
    /// <param name="thread">The conversation, where there is one.</param>
    /// <param name="intent">The intent that the text alone has; null where it has none.</param>
    public TurnKind Read(string text, IReadOnlyList<FieldSpec> fields, Conversation? thread, string? intent)
    {
        if (thread is not { Intent: { } underDiscussion })
            return TurnKind.Fresh;
        var corrects = Correction.IsIn(text) && Names(Correction.Kept(text), [.. fields.Where(field => field.Kind != FieldKind.Text && thread.Fields.ContainsKey(field.Name))]);
        if (thread.OpenQuestion is not { } question)
            return corrects ? TurnKind.CorrectsTheDone : TurnKind.Fresh;
        var elsewhere = intent is not null && intent != underDiscussion;
        if (corrects)
            return TurnKind.Continues;
        if (elsewhere && IsQuestion(text))
            return TurnKind.Digresses;
        if (Answers(text, fields, question))
            return TurnKind.Continues;
        return elsewhere ? TurnKind.Digresses : TurnKind.Continues;
    }

    /// <summary>Whether the text holds a value for what was asked.</summary>
    public bool Answers(string text, IEnumerable<FieldSpec> fields, Question question) => fields.FirstOrDefault(field => field.Name == question.Field) is { } asked && (asked.Kind == FieldKind.Text || Names(text, [asked]));

    bool Names(string text, IReadOnlyList<FieldSpec> fields) => fields.Count > 0 && extractor.Extract(text, fields, DateTimeOffset.UnixEpoch.AddYears(50), TimeZoneInfo.Utc).Fields.Count > 0;

    static bool IsQuestion(string text)
    {
        var said = text.AsSpan().Trim();
        if (said.EndsWith('?') || said.EndsWith("\uff1f"))
            return true;
        var end = said.IndexOfAny(' ', ',', '\'');
        var first = (end < 0 ? said : said[..end]).ToString();
        return end > 0 && QuestionWords.Contains(first, StringComparer.OrdinalIgnoreCase);
    }
}
