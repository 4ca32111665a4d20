using AiOs.Local.Durable;
using AiOs.Local.Hosting.Invocations;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace AiOs.Local.Hosting.Durable;

/// <summary>The durable client that functions get; there once the engine is.</summary>
sealed class DurableClientSource
{
    DurableClientFeature? feature;
    DurableEngine? engine;

    public DurableTaskClient Client => feature?.Client ?? throw new InvalidOperationException("The durable engine has not started.");

    /// <summary>The engine behind it.</summary>
    public DurableEngine Engine => engine ?? throw new InvalidOperationException("The durable engine has not started.");

    public void Set(DurableTaskClient client, DurableEngine behind) => (feature, engine) = (new(client), behind);

    /// <summary>Makes the client available to an execution.</summary>
    public void Offer(Invocation invocation)
    {
        if (feature is not null)
            invocation.Features.Set(feature);
    }
}
