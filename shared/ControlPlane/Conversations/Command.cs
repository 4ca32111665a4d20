using System.Collections.Frozen;
using System.Text;
using AiOs.ControlPlane.Runs;

namespace AiOs.ControlPlane.Conversations;

/// <summary>What a person may say at any time, whatever the app is about.</summary>
public enum Command
{
    /// <summary>Leave it: the run that is under way is cancelled, what was asked is dropped.</summary>
    Cancel,

    /// <summary>Let me talk to a person.</summary>
    Person,
}

/// <summary>Recognises commands. Only a message that is nothing else is one: "cancel" is, "cancel my transfer" is the app's business.</summary>
public static class Commands
{
    const int Longest = 80;

    static readonly string[] Fillers = ["please", "pls", "thanks", "thank you", "ok", "okay", "sorry", "hey", "hi", "hello", "no", "well", "just", "now", "actually"];

    static readonly FrozenSet<string> Cancel = Set("""
        cancel; cancel it; cancel that; cancel this; cancel everything; cancel the request; cancel my request; cancel the conversation; stop; stop it; stop this; stop that; abort; abort it;
        never mind; nevermind; forget it; forget that; forget about it; leave it; drop it; quit; i changed my mind; i have changed my mind; i've changed my mind; start over; start again; let's start over; i want to cancel; i would like to cancel; i'd like to cancel
        """);

    static readonly FrozenSet<string> Asks = Set("""
        ; talk to; speak to; speak with; talk with; chat with; i want; i need; i want to talk to; i want to speak to; i want to speak with; i want to talk with; i would like to talk to; i would like to speak to; i would like to speak with; i'd like to talk to;
        i'd like to speak to; i'd like to speak with; i need to talk to; i need to speak to; i need to speak with; can i talk to; can i speak to; can i speak with; could i talk to; could i speak to; may i talk to; may i speak to; let me talk to; let me speak to;
        let me speak with; connect me to; connect me with; transfer me to; put me through to; get me; give me; hand me over to; i want to chat with
        """);

    static readonly FrozenSet<string> People = Set("""
        a person; person; a human; human; a human being; a real person; real person; a real human; an agent; agent; a live agent; live agent; a human agent; human agent; an operator; operator; a representative; representative; somebody; someone;
        a colleague; an employee; an advisor; an adviser; customer service; support staff; a member of staff; somebody real; someone real
        """);

    /// <summary>The command that the text of a message is; null for everything else. Events and schedules give none.</summary>
    public static Command? Find(string channel, string text)
    {
        if (channel is not (Channels.Http or Channels.Queue) || text.Length > Longest)
            return null;
        var said = Plain(text);
        return Cancel.Contains(said) ? Command.Cancel : AsksForPerson(said) ? Command.Person : null;
    }

    static bool AsksForPerson(string said)
    {
        for (var at = said.Length; at >= 0; at = at == 0 ? -1 : said.LastIndexOf(' ', at - 1) is var blank && blank < 0 ? 0 : blank)
            if (Asks.Contains(said[..at]) && People.Contains(said[at..].Trim()))
                return at > 0 || said is not ("person" or "somebody" or "someone" or "a colleague");
        return false;
    }

    /// <summary>Lower-case words without punctuation and without the polite words before and after.</summary>
    static string Plain(string text)
    {
        var plain = new StringBuilder();
        foreach (var c in text)
            plain.Append(char.IsLetter(c) || c == '\'' ? char.ToLowerInvariant(c) : c == '’' ? '\'' : ' ');
        var said = string.Join(' ', plain.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries));
        for (var before = -1; before != said.Length;)
        {
            before = said.Length;
            foreach (var filler in Fillers)
                if (said.Length > filler.Length)
                    said = said.StartsWith(filler + " ", StringComparison.Ordinal) ? said[(filler.Length + 1)..] : said.EndsWith(" " + filler, StringComparison.Ordinal) ? said[..^(filler.Length + 1)] : said;
        }

        return said;
    }

    static FrozenSet<string> Set(string phrases) => phrases.Split(';', StringSplitOptions.TrimEntries).Select(phrase => string.Join(' ', phrase.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))).ToFrozenSet(StringComparer.Ordinal);
}
