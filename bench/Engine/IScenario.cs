using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace AiOs.Bench.Engine;

/// <summary>One way of working the engine.</summary>
interface IScenario
{
    /// <summary>The name in results.</summary>
    string Name { get; }

    /// <summary>What is counted, in the plural.</summary>
    string Unit { get; }

    /// <summary>How many of them one run makes.</summary>
    int Count { get; }

    /// <summary>Its orchestrators and activities.</summary>
    void Register(DurableTaskRegistry tasks);

    /// <summary>Makes so many, and checks what came out.</summary>
    Task RunAsync(DurableTaskClient client, int count, CancellationToken cancellationToken);
}
