using System.Text.Json;
using Azure.Core.Serialization;
using Microsoft.Azure.Functions.Worker.Converters;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>What a worker has before the app says anything: the built-in converters, and JSON that reads names without regard to case.</summary>
static class WorkerDefaults
{
    public static void Add(IServiceCollection services)
    {
        services.AddOptions();
        services.Configure<JsonSerializerOptions>(static json => json.PropertyNameCaseInsensitive = true);
        services.Configure<WorkerOptions>(static worker =>
        {
            worker.InputConverters.Register<HttpRequestConverter>();
            worker.InputConverters.Register<FunctionContextConverter>();
            worker.InputConverters.Register<SameTypeConverter>();
            worker.InputConverters.Register<GuidConverter>();
            worker.InputConverters.Register<DateTimeConverter>();
            worker.InputConverters.Register<BytesConverter>();
            worker.InputConverters.Register<JsonConverter>();
            worker.InputConverters.Register<CancellationTokenConverter>();
        });
        services.TryAddEnumerable(ServiceDescriptor.Transient<IPostConfigureOptions<WorkerOptions>, DefaultSerializer>());
    }

    sealed class DefaultSerializer(IOptions<JsonSerializerOptions> json) : IPostConfigureOptions<WorkerOptions>
    {
        public void PostConfigure(string? name, WorkerOptions options) => options.Serializer ??= new JsonObjectSerializer(json.Value);
    }
}
