using Microsoft.Azure.Functions.Worker.Converters;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker
{
    /// <summary>Who may call an HTTP function, by kind of key.</summary>
    public enum AuthorizationLevel
    {
        /// <summary>Anybody.</summary>
        Anonymous = 0,

        /// <summary>A signed-in user.</summary>
        User = 1,

        /// <summary>Holders of the function's key.</summary>
        Function = 2,

        /// <summary>Holders of the system key.</summary>
        System = 3,

        /// <summary>Holders of the master key.</summary>
        Admin = 4,
    }

    /// <summary>Runs the function for each request to a route.</summary>
    public sealed class HttpTriggerAttribute : TriggerBindingAttribute
    {
        /// <summary>All methods, level Function.</summary>
        public HttpTriggerAttribute() => AuthLevel = AuthorizationLevel.Function;

        /// <summary>Some methods, level Function.</summary>
        public HttpTriggerAttribute(params string[] methods)
            : this() => Methods = methods;

        /// <summary>All methods.</summary>
        public HttpTriggerAttribute(AuthorizationLevel authLevel) => AuthLevel = authLevel;

        /// <summary>Some methods.</summary>
        public HttpTriggerAttribute(AuthorizationLevel authLevel, params string[] methods)
        {
            AuthLevel = authLevel;
            Methods = methods;
        }

        /// <summary>The route template; the function's name when null.</summary>
        public string? Route { get; set; }

        /// <summary>The methods; null for all.</summary>
        public string[]? Methods { get; }

        /// <summary>Who may call it.</summary>
        public AuthorizationLevel AuthLevel { get; }
    }

    /// <summary>Marks the property of a result that is the HTTP response.</summary>
    [AttributeUsage(AttributeTargets.Property, AllowMultiple = false)]
    public sealed class HttpResultAttribute : OutputBindingAttribute
    {
    }
}

namespace Microsoft.Azure.Functions.Worker.Http
{
    /// <summary>Binds the request's body to a parameter.</summary>
    public class FromBodyAttribute : InputConverterAttribute
    {
        /// <summary>By the host's converter for bodies.</summary>
        public FromBodyAttribute()
            : base(typeof(FromBodyConverter))
        {
        }
    }

    /// <summary>What the HTTP host offers to read a body as a type.</summary>
    interface IFromBodyConversionFeature
    {
        ValueTask<object?> ConvertAsync(FunctionContext context, Type targetType);
    }

    sealed class FromBodyConverter : IInputConverter
    {
        public async ValueTask<ConversionResult> ConvertAsync(ConverterContext context) =>
            context.FunctionContext.Features.Get<IFromBodyConversionFeature>() is { } body
                ? ConversionResult.Success(await body.ConvertAsync(context.FunctionContext, context.TargetType))
                : ConversionResult.Unhandled();
    }
}
