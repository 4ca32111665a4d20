using AiOs.Serving.Calls;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Serving.Reports;

/// <summary>Wires what is kept of ended calls.</summary>
static class ReportsSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Registers <see cref="ICallLog"/>.</summary>
        internal IServiceCollection AddReports() => services.AddSingleton<ICallLog, CallLog>();
    }
}
