using AiOs.Serving.Calls;
using AiOs.Serving.Costs;

namespace AiOs.Serving.Reports;

/// <summary>What is known of ended calls goes to the ledger, never dropped.</summary>
sealed class CallLog(Ledger ledger) : ICallLog
{
    /// <inheritdoc/>
    public void Note(CallFacts call) => ledger.Add(call.Spender, call.Usage);
}
