using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Local.Durable;

/// <summary>A scope of services that opens when it is first asked for one: most orchestrations and many activities never do.</summary>
sealed class LazyScope(IServiceProvider root) : IKeyedServiceProvider, IAsyncDisposable
{
    readonly Lock gate = new();
    AsyncServiceScope? scope;
    bool isDisposed;

    /// <summary>Whether there is something to dispose.</summary>
    public bool IsOpen => scope is not null;

    IServiceProvider Services
    {
        get
        {
            lock (gate)
            {
                ObjectDisposedException.ThrowIf(isDisposed, typeof(IServiceProvider));
                return (scope ??= root.CreateAsyncScope()).ServiceProvider;
            }
        }
    }

    public object? GetService(Type serviceType) => Services.GetService(serviceType);

    public object? GetKeyedService(Type serviceType, object? serviceKey) =>
        Services is IKeyedServiceProvider keyed ? keyed.GetKeyedService(serviceType, serviceKey) : throw new NotSupportedException("The container has no keyed services.");

    public object GetRequiredKeyedService(Type serviceType, object? serviceKey) => Services.GetRequiredKeyedService(serviceType, serviceKey);

    public ValueTask DisposeAsync()
    {
        lock (gate)
            isDisposed = true;
        return scope?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
