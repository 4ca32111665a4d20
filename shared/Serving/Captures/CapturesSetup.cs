using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AiOs.Serving.Captures;

/// <summary>Wires captures.</summary>
static class CapturesSetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Registers <see cref="Captures"/>.</summary>
        internal IServiceCollection AddCaptures(IConfiguration configuration)
        {
            var options = CaptureOptions.From(configuration);
            return services
                .AddSingleton(CaptureTables.Migrations)
                .AddSingleton(options)
                .AddSingleton<CaptureStore>()
                .AddSingleton(provider => new Captures(provider.GetRequiredService<CaptureStore>(), options, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<Captures>>()));
        }
    }
}
