namespace Microsoft.Azure.Functions.Worker;

/// <summary>The values going into and out of one execution; the feature behind the extensions of <see cref="FunctionContext"/>.</summary>
abstract class InvocationBindings
{
    /// <summary>What the function returned; null when it returned nothing or its result was taken apart into outputs.</summary>
    public object? Result { get; set; }

    /// <summary>Values for the output bindings, by name.</summary>
    public Dictionary<string, object?> Outputs { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Values that replace what the inputs would be bound to, by name.</summary>
    public Dictionary<string, object?> Replaced { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Binds one input as a type; null when nothing can be had of it.</summary>
    public abstract ValueTask<object?> BindAsync(FunctionContext context, string name, Type type);

    /// <summary>Runs the function itself.</summary>
    public abstract Task ExecuteAsync(FunctionContext context);

    /// <summary>Takes the function's result apart into outputs.</summary>
    public abstract void TakeApart(FunctionContext context);

    public static InvocationBindings Of(FunctionContext context) => context.Features.Get<InvocationBindings>()
        ?? throw new InvalidOperationException("The execution has no bindings: it was not started by a host.");

    public InputBindingData<T> Input<T>(BindingMetadata binding, T? value) => new InputValue<T>(this, binding, value);

    public OutputBindingData<T> Output<T>(BindingMetadata binding) => new OutputValue<T>(this, binding);

    public InvocationResult UntypedResult() => new ResultValue(this);

    public InvocationResult<T> TypedResult<T>() => new ResultValue<T>(this);

    sealed class InputValue<T>(InvocationBindings bindings, BindingMetadata binding, T? value) : InputBindingData<T>
    {
        public override BindingMetadata BindingMetadata => binding;

        public override T? Value
        {
            get;
            set
            {
                field = value;
                bindings.Replaced[binding.Name] = value;
            }
        } = value;
    }

    sealed class OutputValue<T>(InvocationBindings bindings, BindingMetadata binding) : OutputBindingData<T>
    {
        public override string BindingType => binding.Type;

        public override string Name => binding.Name;

        public override T? Value
        {
            get => bindings.Outputs.GetValueOrDefault(binding.Name) is T value ? value : default;
            set => bindings.Outputs[binding.Name] = value;
        }
    }

    sealed class ResultValue(InvocationBindings bindings) : InvocationResult
    {
        public override object? Value
        {
            get => bindings.Result;
            set => bindings.Result = value;
        }
    }

    sealed class ResultValue<T>(InvocationBindings bindings) : InvocationResult<T>
    {
        public override T? Value
        {
            get => bindings.Result is T value ? value : default;
            set => bindings.Result = value;
        }
    }
}
