using System.Globalization;

namespace AiOs.Local.CommandLine.Crash;

/// <summary>Everything the observer was told, outside of the engine and its file.</summary>
sealed class Ledger
{
    readonly Dictionary<string, Tracked> byId;
    readonly HashSet<string> found = new(StringComparer.Ordinal);
    readonly Dictionary<string, int> counted = new(StringComparer.Ordinal);

    public Ledger(int orchestrations)
    {
        All = [.. Enumerable.Range(0, orchestrations).Select(i => (i, Kind: MixedWork.Kinds[i % MixedWork.Kinds.Length])).Select(
            o => new Tracked(string.Create(CultureInfo.InvariantCulture, $"{o.Kind}-{o.i}"), o.Kind, o.i))];
        byId = All.ToDictionary(t => t.Id, StringComparer.Ordinal);
    }

    /// <summary>In the order of their start.</summary>
    public IReadOnlyList<Tracked> All { get; }

    /// <summary>How many were seen to complete.</summary>
    public int Completed { get; private set; }

    /// <summary>How many have completed or are known to be lost.</summary>
    public int Settled { get; private set; }

    /// <summary>Whether there is nothing left to wait for.</summary>
    public bool IsSettled => Settled == All.Count;

    /// <summary>Takes down one line of the worker; returns whom it is about.</summary>
    public Tracked? Note(string[] words)
    {
        var about = words.Length > 1 ? byId.GetValueOrDefault(words[1]) : null;
        var (completed, settled) = (about is { Completed: true }, about is { Settled: true });
        Note(words, about);
        Completed += about is { Completed: true } && !completed ? 1 : 0;
        Settled += about is { Settled: true } && !settled ? 1 : 0;
        return about;
    }

    void Note(string[] words, Tracked? about)
    {
        switch (words)
        {
            case ["started", _] when about is not null:
                about.Acknowledged = true;
                break;
            case ["missing", _] when about is not null:
                about.Missed();
                break;
            case ["raised", _, var name] when about is not null:
                about.Raised(name);
                break;
            case ["ran", _, var receipt, .. var given] when about is not null:
                about.Ran(Receipt.Parse(receipt), given.Select(Receipt.Parse));
                break;
            case ["ended", _, var status, var at, var output] when about is not null:
                about.Ended(status, at, output);
                break;
            case ["found", var id, var status, var at, var output]:
                found.Add(id);
                if (about is { Completed: true })
                    about.Ended(status, at, output);
                break;
            case ["counted", var id, var count]:
                counted[id] = int.Parse(count, CultureInfo.InvariantCulture);
                break;
            case ["failed", var what, var why]:
                throw new CommandException($"The worker could not do '{what}': {why}", ExitCode.Failed);
        }
    }

    /// <summary>Judges everyone by what was found at the end.</summary>
    public void Close()
    {
        foreach (var instance in All)
            instance.Close(found.Contains(instance.Id), counted.GetValueOrDefault(instance.Id));
    }
}
