using System.Globalization;

namespace AiOs.Local.CommandLine.Crash;

/// <summary>What an orchestration of a kind must return, worked out without the engine.</summary>
/// <param name="Steps">The steps whose receipts it returns, in order.</param>
/// <param name="Facts">The exact words after them.</param>
/// <param name="Counted">How often its shared entity must have counted for it.</param>
sealed record Expectation(IReadOnlyList<string> Steps, IReadOnlyList<string> Facts, int Counted)
{
    /// <summary>What the events of an instance carry.</summary>
    public static string Payload(string id, string name) => $"{name}-for-{id}";

    public static Expectation Of(string kind, string id, int number) => kind switch
    {
        "sequence" => new(Numbered("s", 5), [Fact("sum", (5 * number) + 10)], 0),
        "fan-out" => new([.. Numbered("f", 8), "join"], [Fact("sum", 28 * number)], 0),
        "timer" => new(["before", "after"], [Fact("fired", 3)], 0),
        "event" => new(["before", "between"], [$"go={Payload(id, "go")}", $"more={Payload(id, "more")}"], 0),
        "continue-as-new" => new(Numbered("g", 5), [Fact("sum", 5 * number)], 0),
        "sub-orchestration" => new(["c0-first", "c0-last", "c1-first", "c1-last", "c2-first", "c2-last", "join"], [Fact("children", 3)], 0),
        "entity" => new(Numbered("e", 3), ["totals=1,2,3"], 4),
        _ => throw new ArgumentException($"'{kind}' is no kind of the drill.", nameof(kind)),
    };

    static string[] Numbered(string prefix, int count) => [.. Enumerable.Range(0, count).Select(i => prefix + i.ToString(CultureInfo.InvariantCulture))];

    static string Fact(string name, int value) => string.Create(CultureInfo.InvariantCulture, $"{name}={value}");
}
