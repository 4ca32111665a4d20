using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>The ASP.NET Core side of an execution.</summary>
public static class FunctionContextExtensions
{
    /// <summary>Where the host keeps the request of an HTTP execution.</summary>
    internal const string HttpContextItem = "HttpRequestContext";

    /// <summary>The request; null when HTTP did not start the function.</summary>
    public static HttpContext? GetHttpContext(this FunctionContext context) =>
        context.Items.TryGetValue(HttpContextItem, out var http) ? http as HttpContext : null;
}

/// <summary>Loggers of an execution.</summary>
public static class FunctionContextLoggerExtensions
{
    /// <summary>A logger for a type.</summary>
    public static ILogger<T> GetLogger<T>(this FunctionContext context) => context.InstanceServices.GetRequiredService<ILogger<T>>();

    /// <summary>A logger for a category.</summary>
    public static ILogger GetLogger(this FunctionContext context, string categoryName) =>
        context.InstanceServices.GetRequiredService<ILoggerFactory>().CreateLogger(categoryName);
}

/// <summary>Inputs and outputs of an execution, for middleware.</summary>
public static class FunctionContextBindingFeatureExtensions
{
    /// <summary>Binds an input; setting its value replaces what the function gets.</summary>
    public static async ValueTask<InputBindingData<T>> BindInputAsync<T>(this FunctionContext context, BindingMetadata bindingMetadata)
    {
        ArgumentNullException.ThrowIfNull(bindingMetadata);
        var bindings = InvocationBindings.Of(context);
        var value = bindings.Replaced.TryGetValue(bindingMetadata.Name, out var replaced)
            ? replaced
            : await bindings.BindAsync(context, bindingMetadata.Name, typeof(T));
        return bindings.Input(bindingMetadata, (T?)value);
    }

    /// <summary>What the function returned.</summary>
    /// <exception cref="InvalidOperationException">It is not a <typeparamref name="T"/>.</exception>
    public static InvocationResult<T> GetInvocationResult<T>(this FunctionContext context)
    {
        var bindings = InvocationBindings.Of(context);
        return bindings.Result is T
            ? bindings.TypedResult<T>()
            : throw new InvalidOperationException($"The function's result is '{bindings.Result?.GetType().ToString() ?? "null"}', not '{typeof(T)}'.");
    }

    /// <summary>What the function returned.</summary>
    public static InvocationResult GetInvocationResult(this FunctionContext context) => InvocationBindings.Of(context).UntypedResult();

    /// <summary>The outputs of the function.</summary>
    public static IEnumerable<OutputBindingData<T>> GetOutputBindings<T>(this FunctionContext context)
    {
        var bindings = InvocationBindings.Of(context);
        return context.FunctionDefinition.OutputBindings.Values.Select(bindings.Output<T>);
    }
}

/// <summary>The HTTP data model of an execution.</summary>
public static class FunctionContextHttpRequestExtensions
{
    /// <summary>The request; null when HTTP did not start the function.</summary>
    public static async ValueTask<HttpRequestData?> GetHttpRequestDataAsync(this FunctionContext context)
    {
        if (context.Features.Get<IHttpRequestDataFeature>() is { } feature)
            return await feature.GetHttpRequestDataAsync(context);
        var trigger = context.FunctionDefinition.InputBindings.Values.FirstOrDefault(b => string.Equals(b.Type, "httpTrigger", StringComparison.OrdinalIgnoreCase));
        return trigger is null ? null : (await context.BindInputAsync<HttpRequestData>(trigger)).Value;
    }

    /// <summary>The response that the function returned; null when it returned none of that type.</summary>
    public static HttpResponseData? GetHttpResponseData(this FunctionContext context) =>
        context.GetInvocationResult().Value as HttpResponseData
        ?? context.GetOutputBindings<HttpResponseData>().FirstOrDefault(o => string.Equals(o.BindingType, "http", StringComparison.OrdinalIgnoreCase))?.Value;
}
