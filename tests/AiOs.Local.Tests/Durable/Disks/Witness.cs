using AiOs.Local.CommandLine.Crash;

namespace AiOs.Local.Tests.Durable.Disks;

/// <summary>What an engine was seen to acknowledge and to do, in order, and the judgement on it: the crash drill's, kept in process.</summary>
sealed class Witness(int orchestrations)
{
    readonly Lock gate = new();
    readonly List<string[]> told = [];

    public Ledger Ledger { get; } = new(orchestrations);

    /// <summary>One that begins where another one stood.</summary>
    public static Witness After(int orchestrations, IEnumerable<string[]> told)
    {
        var witness = new Witness(orchestrations);
        foreach (var words in told)
            witness.Say(words);
        return witness;
    }

    public void Say(string[] words)
    {
        lock (gate)
        {
            told.Add(words);
            Ledger.Note(words);
        }
    }

    /// <summary>Everything so far.</summary>
    public List<string[]> Told()
    {
        lock (gate)
            return [.. told];
    }

    /// <summary>What is wrong, at the very end.</summary>
    public List<string> Faults()
    {
        Ledger.Close();
        return [.. Ledger.All.SelectMany(i => new[] { i.Lost, i.Twice }.OfType<string>().Select(why => $"{i.Id}: {why}"))];
    }
}
