using AiOs.Serving.Calls;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Serving.Reports;

/// <summary>Wires what is known of ended calls.</summary>
static class ReportsSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Registers <see cref="ICallLog"/> and <see cref="ServingStats"/>.</summary>
        internal IServiceCollection AddReports() => services
            .AddSingleton(provider => new ServingStats(provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<Captures.Captures>()))
            .AddSingleton<ICallLog, CallLog>();
    }
}
