namespace AiOs.Local.CommandLine.Crash;

/// <summary>
/// One orchestration as the observer knows it. It is lost when it was acknowledged and is not there, not completed, or returned something
/// that nobody did; it is completed twice when its recorded end changed, when two results of one step were recorded, when a step ran
/// again after its result was recorded, or when an entity counted more for it than it sent.
/// </summary>
sealed class Tracked(string id, string kind, int number)
{
    readonly Dictionary<string, Step> steps = new(StringComparer.Ordinal);
    readonly Expectation expected = Expectation.Of(kind, id, number);
    readonly HashSet<string> raised = new(StringComparer.Ordinal);
    (string Status, string At, string Output)? end;
    bool missing;

    public string Id => id;

    public string Kind => kind;

    public int Number => number;

    /// <summary>Whether the engine said that it has it.</summary>
    public bool Acknowledged { get; set; }

    /// <summary>Whether its end was seen.</summary>
    public bool Completed => end is not null;

    /// <summary>Whether nothing more is to be expected of it.</summary>
    public bool Settled => Completed || missing;

    /// <summary>Executions of activities beyond the first of each step.</summary>
    public int Repeats => steps.Values.Sum(step => step.Issued.Count - 1);

    /// <summary>Why it counts as lost; null when it does not.</summary>
    public string? Lost { get; private set; }

    /// <summary>Why it counts as completed twice; null when it does not.</summary>
    public string? Twice { get; private set; }

    /// <summary>The engine had acknowledged it, and after a kill it was not there.</summary>
    public void Missed()
    {
        missing = true;
        Lost ??= "it was not there after a kill";
    }

    /// <summary>An event was acknowledged.</summary>
    public void Raised(string name) => raised.Add(name);

    /// <summary>The event to raise next: one after the other, each until it is acknowledged.</summary>
    public string? NextEvent => kind != "event" || !Acknowledged || Completed ? null : !raised.Contains("go") ? "go" : !raised.Contains("more") ? "more" : null;

    /// <summary>An activity was executed and handed the receipts of the steps before it.</summary>
    public void Ran(Receipt receipt, IEnumerable<Receipt> given)
    {
        foreach (var earlier in given)
            Recorded(earlier);
        var step = StepOf(receipt.Step);
        if (step.Recorded is not null)
            Twice ??= $"step {receipt.Step} ran again after its result was recorded";
        if (Completed)
            Twice ??= $"step {receipt.Step} ran after the end";
        step.Issued.Add(receipt.Token);
    }

    /// <summary>The engine told its end, for the first time or again.</summary>
    public void Ended(string status, string at, string output)
    {
        if (end is { } first)
        {
            if (first != (status, at, output))
                Twice ??= $"its end was recorded as {first} and as {(status, at, output)}";
            return;
        }
        end = (status, at, output);
        var words = output.Split(' ');
        var receipts = words.Take(expected.Steps.Count).Select(Receipt.Parse).ToList();
        if (status != "Completed" || !receipts.Select(r => r.Step).SequenceEqual(expected.Steps) || !words.Skip(receipts.Count).SequenceEqual(expected.Facts))
            Lost ??= $"it ended as {status} with '{output}' instead of {string.Join(' ', [.. expected.Steps, .. expected.Facts])}";
        else
            receipts.ForEach(Recorded);
    }

    /// <summary>At the very end: what is on disk, and what its shared entity counted for it.</summary>
    public void Close(bool found, int counted)
    {
        if (Acknowledged && !Completed)
            Lost ??= found ? "it is there and did not complete" : "it is not there";
        if (Acknowledged && !found)
            Lost ??= "it completed and is not there any more";
        if (Completed && counted < expected.Counted)
            Lost ??= $"its entity counted {counted} of {expected.Counted} operations";
        if (counted > expected.Counted)
            Twice ??= $"its entity counted {counted} operations of {expected.Counted}";
    }

    void Recorded(Receipt receipt)
    {
        var step = StepOf(receipt.Step);
        if (!step.Issued.Contains(receipt.Token))
            Lost ??= $"a result of step {receipt.Step} was recorded that nobody gave ({receipt.Token})";
        if (step.Recorded is not null && step.Recorded != receipt.Token)
            Twice ??= $"step {receipt.Step} has two recorded results, {step.Recorded} and {receipt.Token}";
        step.Recorded ??= receipt.Token;
    }

    Step StepOf(string name)
    {
        if (!steps.TryGetValue(name, out var step))
            steps[name] = step = new();
        return step;
    }

    sealed class Step
    {
        public HashSet<string> Issued { get; } = new(StringComparer.Ordinal);

        public string? Recorded { get; set; }
    }
}
