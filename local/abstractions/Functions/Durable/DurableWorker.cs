using Microsoft.DurableTask.Worker;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>The durable side of a worker.</summary>
public static class FunctionsWorkerApplicationBuilderExtensions
{
    /// <summary>Adds the durable extension; every host does so itself.</summary>
    public static IFunctionsWorkerApplicationBuilder ConfigureDurableExtension(this IFunctionsWorkerApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        DurableWorkerBuilder.Of(builder.Services);
        return builder;
    }

    /// <summary>Registers orchestrators, activities and entities in code.</summary>
    public static IDurableTaskWorkerBuilder ConfigureDurableWorker(this IFunctionsWorkerApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return DurableWorkerBuilder.Of(builder.Services);
    }
}
