using System.Collections;
using System.Diagnostics;
using AiOs.Local.Durable;
using AiOs.Local.Hosting.Discovery;
using Microsoft.Azure.Functions.Worker;

namespace AiOs.Local.Hosting.Invocations;

/// <summary>What a trigger delivers: the value of its parameter, further values by name, and the trace it belongs to when the current activity does not tell.</summary>
sealed record TriggerInput(object? Value, IReadOnlyDictionary<string, object?> Data, string? TraceParent = null, string? TraceState = null)
{
    public static readonly IReadOnlyDictionary<string, object?> NoData = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);

    public TriggerInput(object? value)
        : this(value, NoData)
    {
    }
}

/// <summary>One execution of a function, with a service scope of its own that opens when a service is first asked for.</summary>
sealed class Invocation : FunctionContext, IAsyncDisposable
{
    readonly LazyScope scope;
    readonly CancellationTokenSource cancellation;
    readonly TriggerData data;

    public Invocation(HostedFunction function, TriggerInput input, IServiceProvider root, ConverterChain converters, RetryContext? retry, CancellationToken cancellationToken)
    {
        scope = new(root);
        Function = function;
        Input = input;
        data = new(input.Data);
        TraceContext = Activity.Current is { } current ? new Trace(current.Id, current.TraceStateString) : new Trace(input.TraceParent, input.TraceState);
        RetryContext = retry!;
        cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        CancellationToken = cancellation.Token;
        Bindings = new FunctionBindings(this, converters);
        Features.Set<InvocationBindings>(Bindings);
    }

    public HostedFunction Function { get; }

    public TriggerInput Input { get; }

    public FunctionBindings Bindings { get; }

    public override string InvocationId => field ??= Guid.NewGuid().ToString("D");

    public override string FunctionId => Function.Id;

    public override FunctionDefinition FunctionDefinition => Function;

    public override TraceContext TraceContext { get; }

    public override BindingContext BindingContext => data;

    public override RetryContext RetryContext { get; }

    public override IDictionary<object, object> Items { get => field ??= new Dictionary<object, object>(); set; }

    public override IInvocationFeatures Features { get; } = new FeatureTable();

    public override CancellationToken CancellationToken { get; }

    public override IServiceProvider InstanceServices
    {
        get => field ?? scope;
        set;
    }

    /// <summary>Asks the function to stop.</summary>
    public Task CancelAsync() => cancellation.CancelAsync();

    /// <summary>Whether disposing may have to wait for services.</summary>
    public bool HasScope => scope.IsOpen;

    public async ValueTask DisposeAsync()
    {
        await scope.DisposeAsync();
        cancellation.Dispose();
    }

    sealed class TriggerData(IReadOnlyDictionary<string, object?> values) : BindingContext
    {
        public override IReadOnlyDictionary<string, object?> BindingData => values;
    }

    sealed class Trace(string? parent, string? state) : TraceContext
    {
        public override string TraceParent => parent ?? "";

        public override string TraceState => state ?? "";
    }

    sealed class FeatureTable : IInvocationFeatures
    {
        readonly Dictionary<Type, object> features = [];

        public T? Get<T>() => features.TryGetValue(typeof(T), out var feature) ? (T)feature : default;

        public void Set<T>(T instance) => features[typeof(T)] = instance!;

        public IEnumerator<KeyValuePair<Type, object>> GetEnumerator() => features.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
