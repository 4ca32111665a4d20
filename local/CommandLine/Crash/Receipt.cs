using System.Globalization;

namespace AiOs.Local.CommandLine.Crash;

/// <summary>What one execution of an activity returns: which step it was, and a token that no other execution has.</summary>
sealed record Receipt(string Step, string Token)
{
    /// <summary>Both, as they stand in outputs and reports.</summary>
    public override string ToString() => $"{Step}={Token}";

    public static Receipt Parse(string text) => text.Split('=', 2) is [var step, var token] ? new(step, token) : new(text, "");
}

/// <summary>An activity to execute: whose step it is, and the receipts of the steps that it follows.</summary>
sealed record StepOrder(string Owner, string Step, long Value, IReadOnlyList<Receipt> Given);

/// <summary>An activity's answer.</summary>
sealed record StepResult(Receipt Receipt, long Value);

/// <summary>
/// Executes steps in one life of the engine, each when the observer permits, and says so before their activity returns: no result can be
/// recorded that was not said.
/// </summary>
sealed class Executions(string life, SemaphoreSlim permits, Action<string[]> say)
{
    long count;

    public async Task<Receipt> ExecuteAsync(StepOrder order)
    {
        await permits.WaitAsync();
        var receipt = new Receipt(order.Step, string.Create(CultureInfo.InvariantCulture, $"{life}.{Interlocked.Increment(ref count)}"));
        say(["ran", order.Owner, receipt.ToString(), .. order.Given.Select(g => g.ToString())]);
        return receipt;
    }
}
