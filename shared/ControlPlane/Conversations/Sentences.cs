using AiOs.Agents.Extraction;

namespace AiOs.ControlPlane.Conversations;

/// <summary>What is said where the app has no words of its own.</summary>
static class Sentences
{
    const int MostChoices = 12;

    public const string Stopped = "All right, I have stopped here and dropped what you told me about it.";

    public const string StartsAfresh = "All right, nothing more is done here. What has been done already stays done; ask for a person if it should be taken back.";

    public const string Person = "A person takes over from here and answers in this conversation.";

    public const string OtherLanguage = "I can only read English, so I have not acted on your message. A person takes over and answers in this conversation.";

    public const string Dealt = "What you correct has been dealt with already, so I have not done it again. A person looks at your correction and answers in this conversation.";

    /// <summary>How the customer is asked for a field.</summary>
    public static string Ask(FieldSpec field)
    {
        if (field.Ask is { } own)
            return own;
        var name = string.Join(' ', Cues.WordsOf(field.Name));
        return field.Kind switch
        {
            FieldKind.Choice when field.Choices is { Count: <= MostChoices } choices => $"Which {name} is it: {string.Join(", ", choices)}?",
            FieldKind.Choice => $"Which {name} is it?",
            FieldKind.Money => $"What is the {name}? For example: 240.00 EUR.",
            FieldKind.Date => $"What is the {name}? For example: 14 March 2026.",
            FieldKind.Quantity when field.Unit is { } unit => $"What is the {name}, in {unit}?",
            _ => $"What is the {name}?",
        };
    }
}
