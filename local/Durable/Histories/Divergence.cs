using System.Text;

namespace AiOs.Local.Durable.Histories;

/// <summary>What must be the same when a history is replayed.</summary>
public enum ReplayStrictness
{
    /// <summary>The decisions: their order, kind, name and target, and how it ends. What an instance under way needs.</summary>
    Decisions,

    /// <summary>Also every payload, the times of timers, and the output.</summary>
    Payloads,
}

/// <summary>The first difference between what one transition decided and what its replay did.</summary>
/// <param name="Index">Which decision of the transition.</param>
/// <param name="Decision">The decision's number in its execution.</param>
/// <param name="Expected">What stands in the history.</param>
/// <param name="Came">What the code did; null for nothing.</param>
readonly record struct Divergence(int Index, int Decision, string Expected, string? Came)
{
    const int Around = 60;

    /// <summary>Compares; null when they are the same.</summary>
    public static Divergence? Find(IReadOnlyList<HistoryEvent> history, IReadOnlyList<Decision> code, ReplayStrictness strictness)
    {
        var decided = history.Count > 0 && history[^1] is ExecutionCompleted ? history.Count - 1 : history.Count;
        for (var i = 0; i < Math.Max(decided, code.Count); i++)
        {
            var expected = i < decided ? (Decision)history[i] : null;
            var came = i < code.Count ? code[i] : null;
            if (!string.Equals(expected?.InWords, came?.InWords, StringComparison.OrdinalIgnoreCase) || expected?.TaskId != came?.TaskId)
                return new(i, (expected ?? came)!.TaskId, expected?.InWords ?? "nothing", came?.InWords);
            if (strictness == ReplayStrictness.Payloads && Payloads(expected!, came!) is { } difference)
                return new(i, came!.TaskId, $"{expected!.InWords} with {difference.Expected}", $"{came.InWords} with {difference.Came}");
        }
        return null;
    }

    static (string Expected, string Came)? Payloads(Decision expected, Decision came)
    {
        var (one, other) = (HistoryCodec.Write(expected), HistoryCodec.Write(came));
        return one.AsSpan().SequenceEqual(other) ? null : Clip(Encoding.UTF8.GetString(one), Encoding.UTF8.GetString(other));
    }

    /// <summary>Two texts where they begin to differ.</summary>
    public static (string Expected, string Came) Clip(string expected, string came)
    {
        var from = Math.Max(0, expected.AsSpan().CommonPrefixLength(came) - (Around / 2));
        return (Part(expected, from), Part(came, from));
    }

    static string Part(string text, int from) =>
        $"{(from > 0 ? "..." : "")}{text.AsSpan(Math.Min(from, text.Length), Math.Min(Around, Math.Max(0, text.Length - from)))}{(text.Length > from + Around ? "..." : "")}";
}
