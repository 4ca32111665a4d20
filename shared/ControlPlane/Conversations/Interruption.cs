using AiOs.ControlPlane.Apps;
using AiOs.ControlPlane.Runs;

namespace AiOs.ControlPlane.Conversations;

/// <summary>Why a run ends before its steps are through, and not because anything failed. Stored in histories: names stay.</summary>
public enum Interruption
{
    /// <summary>The customer called it off.</summary>
    Cancel,

    /// <summary>The customer asked for a person.</summary>
    Person,

    /// <summary>The message is in another language.</summary>
    Language,

    /// <summary>The message corrects what has been dealt with.</summary>
    Correction,
}

/// <summary>What conversations make of the end of a run.</summary>
public static class Interruptions
{
    /// <summary>The interruption that a command is.</summary>
    public static Interruption Of(Command command) => command == Command.Cancel ? Interruption.Cancel : Interruption.Person;

    /// <summary>The interruption that a detect step calls for; null for none.</summary>
    public static Interruption Of(HandOffReason reason) => reason switch
    {
        HandOffReason.Language => Interruption.Language,
        HandOffReason.Correction => Interruption.Correction,
        _ => Interruption.Person,
    };

    /// <summary>Why a person is needed; null where none is.</summary>
    public static HandOffReason? NeedsPerson(this Interruption? interruption) => interruption switch
    {
        Interruption.Person => HandOffReason.Asked,
        Interruption.Language => HandOffReason.Language,
        Interruption.Correction => HandOffReason.Correction,
        _ => null,
    };

    /// <summary>What is answered.</summary>
    public static string Say(this Interruption interruption, Conversation? thread, HandOffRule? rule) => interruption switch
    {
        Interruption.Cancel => thread?.OpenQuestion is null ? Sentences.StartsAfresh : Sentences.Stopped,
        Interruption.Person => rule?.Say ?? Sentences.Person,
        Interruption.Language => Sentences.OtherLanguage,
        _ => Sentences.Dealt,
    };
}
