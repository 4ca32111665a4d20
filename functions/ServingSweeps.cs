using AiOs.Serving.Captures;
using Microsoft.Azure.Functions.Worker;

namespace AiOs.Functions;

/// <summary>What is kept of calls of models is bounded.</summary>
public sealed class ServingSweeps(Captures captures)
{
    /// <summary>Removes captures that are too old, too many or too large together. Every minute.</summary>
    [Function(nameof(SweepCaptures))]
    public Task SweepCaptures([TimerTrigger("30 * * * * *")] TimerInfo timer, CancellationToken cancellationToken)
    {
        _ = timer;
        return captures.SweepAsync(cancellationToken);
    }
}
