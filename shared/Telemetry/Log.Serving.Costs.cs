using Microsoft.Extensions.Logging;

namespace AiOs.Telemetry;

public static partial class Log
{
    /// <summary>Costs could not be written down; they are kept and tried again.</summary>
    [LoggerMessage(4301, LogLevel.Error, "The ledger could not be written; what was spent is kept and written later.")]
    public static partial void LedgerFailed(this ILogger logger, Exception exception);

    /// <summary>An instance did not come back for its lease.</summary>
    [LoggerMessage(4302, LogLevel.Warning, "An instance did not confirm its lease of the budget {Budget}: {Amount} are counted as spent.")]
    public static partial void LeaseForfeited(this ILogger logger, string budget, decimal amount);

    /// <summary>A soft limit was reached.</summary>
    [LoggerMessage(4303, LogLevel.Warning, "The budget {Budget} ({Scope}) has reached its soft limit: {Spent} of {SoftLimit}.")]
    public static partial void SoftLimitReached(this ILogger logger, string budget, string scope, decimal spent, decimal softLimit);
}
